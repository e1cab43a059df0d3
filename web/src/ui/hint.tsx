import { Link } from '@tanstack/react-router';
import { useT } from '@/lib/i18n';
import { messages } from './messages';

const PLACE = /(\/settings\/(?:models|usage|workers))\b/;

const NAMES = {
  '/settings/models': 'atModels',
  '/settings/usage': 'atUsage',
  '/settings/workers': 'atWorkers',
} as const;

const isPlace = (text: string): text is keyof typeof NAMES => text in NAMES;

/** What can be done about an error; the page that the server names is a link, by its name. */
export function Hint({ text }: { text: string }) {
  const t = useT(messages);
  return text.split(PLACE).map((part, index) =>
    isPlace(part) ? (
      <Link key={index} to={part} className="underline">
        {t(NAMES[part])}
      </Link>
    ) : (
      part
    ),
  );
}

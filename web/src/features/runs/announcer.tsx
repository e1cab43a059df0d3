import { useT } from '@/lib/i18n';
import { announcement } from './announcement';
import type { RunView } from './fold';
import { messages } from './messages';

/** The one polite live region of the conversation. */
export function Announcer({ view }: { view: RunView }) {
  const t = useT(messages);
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {announcement(view, t)}
    </p>
  );
}

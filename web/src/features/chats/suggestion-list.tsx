import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { messages } from './messages';
import type { Suggestion } from './suggestions';

interface SuggestionListProps {
  id: string;
  found: readonly Suggestion[];
  at: number;
  onPick: (chosen: Suggestion) => void;
}

export const optionId = (id: string, at: number) => `${id}-${at}`;

/** Stands above the composer's text; the text field keeps the focus and names the active entry. */
export function SuggestionList({ id, found, at, onPick }: SuggestionListProps) {
  const t = useT(messages);
  if (found.length === 0) return null;
  return (
    <ul
      id={id}
      role="listbox"
      aria-label={t('suggestions')}
      className="absolute bottom-full left-0 z-20 mb-1 max-h-80 w-full max-w-md overflow-y-auto rounded-md border border-line bg-surface p-1 shadow-overlay"
    >
      {found.map((one, index) => (
        // The keys are the text field's; a pointer picks here.
        // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- see the line above
        <li
          key={one.text}
          id={optionId(id, index)}
          role="option"
          aria-selected={index === at}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPick(one)}
          className={cx(
            'flex cursor-default items-baseline gap-3 rounded-sm px-2 py-1 text-sm',
            index === at && 'bg-sunken',
          )}
        >
          <span className="min-w-0 truncate font-mono">{one.text}</span>
          <span className="ml-auto shrink-0 text-xs text-subtle">{one.detail}</span>
        </li>
      ))}
    </ul>
  );
}

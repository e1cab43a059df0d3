import { cx } from '@/lib/cx';

export interface DiffLine {
  kind: 'same' | 'removed' | 'added';
  text: string;
  before: number | null;
  after: number | null;
}

const MARKS = { same: ' ', removed: '−', added: '+' } as const;
const COLOURS = {
  same: 'text-muted',
  removed: 'bg-danger-soft text-danger',
  added: 'bg-success-soft text-success',
} as const;

interface LineDiffProps {
  lines: readonly DiffLine[];
  label: string;
  /** What a screen reader hears before a line. */
  spoken: { removed: string; added: string };
}

/** Two texts in one, line by line. */
export function LineDiff({ lines, label, spoken }: LineDiffProps) {
  return (
    <div
      // It scrolls, so it can be reached with the keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls takes focus
      tabIndex={0}
      role="group"
      aria-label={label}
      className="max-h-96 overflow-auto rounded-lg border border-line bg-surface py-2 font-mono text-xs"
    >
      {lines.map(({ kind, text, before, after }) => (
        <p
          key={`${before ?? ''}-${after ?? ''}`}
          className={cx('flex gap-2 px-3 break-words whitespace-pre-wrap', COLOURS[kind])}
        >
          <span aria-hidden className="w-3 shrink-0">
            {MARKS[kind]}
          </span>
          <span className="sr-only">{kind === 'same' ? '' : spoken[kind]}</span>
          <span className="min-w-0 flex-1">{text || ' '}</span>
        </p>
      ))}
    </div>
  );
}

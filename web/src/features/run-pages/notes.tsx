import type { RunNote } from '@/api/types';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { Time } from '@/ui';
import { messages } from './run-messages';

const TONES: Partial<Record<RunNote['kind'], string>> = {
  error: 'text-danger',
  reset: 'text-warning',
  note: 'text-warning',
};

/** What a run said about itself, in the order of time. */
export function Notes({ notes }: { notes: readonly RunNote[] }) {
  const t = useT(messages);
  if (notes.length === 0) return <p className="text-sm text-muted">{t('noLogs')}</p>;
  return (
    <ol className="flex flex-col gap-1">
      {notes.map((note) => (
        <li key={`${note.seq}-${note.kind}`} className="flex gap-3 text-sm">
          <span className="shrink-0 text-xs leading-5 text-subtle">
            <Time iso={note.at} style="clock" />
          </span>
          <span className={cx('min-w-0 break-words', TONES[note.kind])}>{note.text}</span>
        </li>
      ))}
    </ol>
  );
}

import { formatCount } from '@/lib/format';
import { useT } from '@/lib/i18n';
import type { GuardNote } from './guards';
import { messages } from './messages';

interface ChartNotesProps {
  notes: readonly GuardNote[];
  /** Periods without a row, where a line is broken. */
  gaps: number;
  all: boolean;
  onAll: (all: boolean) => void;
}

/** Where the drawing differs from what was asked for, and the way back. */
export function ChartNotes({ notes, gaps, all, onAll }: ChartNotesProps) {
  const t = useT(messages);
  if (notes.length === 0 && gaps === 0 && !all) return null;
  return (
    <div className="flex flex-wrap gap-x-3 px-4 pt-2 text-xs text-muted">
      {notes.map((note) => (
        <span key={note.kind}>
          {note.kind === 'pieToBar'
            ? t('pieToBar', { count: note.count })
            : t(note.other ? 'topAndOther' : 'topOnly', { shown: note.shown, count: note.count })}
        </span>
      ))}
      {gaps > 0 && <span>{t('gaps', { count: gaps })}</span>}
      {(all || notes.some(({ kind }) => kind === 'topCategories')) && (
        <button type="button" className="text-accent underline" onClick={() => onAll(!all)}>
          {t(all ? 'showFewer' : 'showAll')}
        </button>
      )}
    </div>
  );
}

/** One value: nothing to compare it with, so it is simply large. */
export function NumberCard({ name, value }: { name: string; value: number }) {
  return (
    <div className="px-4 py-6" data-testid="number-card">
      <p className="nums text-title-lg font-strong">{formatCount(value)}</p>
      <p className="text-sm text-muted">{name}</p>
    </div>
  );
}

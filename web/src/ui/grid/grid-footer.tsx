import type { Cell, Column } from '@/api/types';
import { useT } from '@/lib/i18n';
import { summarise, type Summary } from './compare';
import { messages } from './messages';
import type { Range } from './selection';

interface GridFooterProps {
  range: Range | null;
  columns: readonly Column[];
  cell: (row: number, column: number) => Cell | undefined;
  notice: string;
  /** First and last row in view, from 1 on, and how many there are. */
  inView: { from: number; to: number; count: number };
  onCopy: (range: Range) => void;
}

/** Selections beyond this are counted but not added up, so that selecting all stays instant. */
const MOST_CELLS = 200_000;
const STATS = ['count', 'sum', 'avg', 'min', 'max'] as const satisfies (keyof Summary)[];

function summariseRange({ range, columns, cell }: GridFooterProps): Summary | null {
  if (!range) return null;
  const { top, bottom, left, right } = range;
  const size = (bottom - top + 1) * (right - left + 1);
  if (size < 2) return null;
  if (size > MOST_CELLS) return { count: size };
  const cells: [string, Cell | undefined][] = [];
  for (let row = top; row <= bottom; row += 1)
    for (let column = left; column <= right; column += 1)
      cells.push([columns[column]?.type ?? 'string', cell(row, column)]);
  return summarise(cells);
}

/** Count, sum, average, minimum and maximum of the selection; silent while one cell is selected. */
export function GridFooter(props: GridFooterProps) {
  const t = useT(messages);
  const { range, inView, onCopy } = props;
  const summary = summariseRange(props);
  return (
    <div className="nums flex flex-wrap items-center gap-x-4 px-3 text-xs text-muted">
      {inView.count > 0 && <span className="py-1">{t('inView', inView)}</span>}
      {summary && range && (
        <button type="button" className="py-1 text-accent underline" onClick={() => onCopy(range)}>
          {t('copySelection')}
        </button>
      )}
      <div role="status" className="flex flex-wrap gap-x-4 empty:hidden">
        {summary &&
          STATS.filter((name) => summary[name] !== undefined).map((name) => (
            <span key={name} className="py-1">
              {t(`stat_${name}`)} <b className="text-fg">{summary[name]}</b>
            </span>
          ))}
        {props.notice && <span className="py-1">{props.notice}</span>}
      </div>
    </div>
  );
}

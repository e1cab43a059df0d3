import { memo } from 'react';
import type { Cell } from '@/api/types';
import { cx } from '@/lib/cx';
import { cellKind, cellText, isNumeric } from './cells';

interface GridCellProps {
  id: string;
  row: number;
  column: number;
  type: string;
  value: Cell | undefined;
  left: number;
  width: number;
  active: boolean;
  selected: boolean;
}

const EMPTY_STRING = '""';
const NULL = 'NULL';

function Content({ value }: { value: Cell | undefined }) {
  const kind = cellKind(value);
  if (kind === 'null') return <i className="text-subtle">{NULL}</i>;
  if (kind === 'empty') return <span className="text-subtle">{EMPTY_STRING}</span>;
  if (kind === 'loading') return <span className="inline-block h-2 w-10 rounded-sm bg-line" />;
  return <>{cellText(value)}</>;
}

/** One data cell; which cell was meant travels in its data attributes. */
export const GridCell = memo(function GridCell(props: GridCellProps) {
  const { id, row, column, type, value, left, width, active, selected } = props;
  return (
    <div
      id={id}
      role="gridcell"
      aria-colindex={column + 2}
      aria-selected={selected}
      tabIndex={active ? 0 : -1}
      data-row={row}
      data-column={column}
      data-null={value === null || undefined}
      style={{ left, width }}
      className={cx(
        'absolute inset-y-0 flex items-center border-r border-line px-2',
        isNumeric(type) && 'nums justify-end',
        selected && 'bg-accent-soft',
        active && 'z-[1] outline-offset-[-2px] focus:outline-2 focus:outline-accent',
      )}
    >
      <span className="truncate">
        <Content value={value} />
      </span>
    </div>
  );
});

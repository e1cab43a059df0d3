import type { Cell, Column } from '@/api/types';
import { GridCell } from './grid-cell';
import { inRange, isSeveral, type Range } from './selection';

interface GridRowProps {
  id: string;
  row: number;
  rowHeight: number;
  gutter: number;
  edges: readonly number[];
  shown: readonly number[];
  columns: readonly Column[];
  cell: (row: number, column: number) => Cell | undefined;
  /** The active column when the active cell is in this row, else -1. */
  active: number;
  pinned: number;
  formatted: boolean;
  range: Range | null;
}

const HEADER =
  'nums sticky left-0 z-[2] flex h-full shrink-0 items-center justify-end border-r border-line bg-surface px-2 text-xs text-subtle';

export function GridRow(props: GridRowProps) {
  const {
    id,
    row,
    rowHeight,
    gutter,
    edges,
    shown,
    columns,
    cell,
    active,
    pinned,
    formatted,
    range,
  } = props;
  const width = gutter + (edges.at(-1) ?? 0);
  return (
    <div
      role="row"
      aria-rowindex={row + 2}
      style={{ top: rowHeight * (row + 1), height: rowHeight, width }}
      className="absolute left-0 flex min-w-full border-b border-line"
    >
      <div role="rowheader" aria-colindex={1} style={{ width: gutter }} className={HEADER}>
        {row + 1}
      </div>
      {shown.map((column) => (
        <GridCell
          key={column}
          id={`${id}-${row}-${column}`}
          row={row}
          column={column}
          type={columns[column]?.type ?? 'string'}
          value={cell(row, column)}
          left={gutter + (edges[column] ?? 0)}
          width={(edges[column + 1] ?? 0) - (edges[column] ?? 0)}
          pinned={column < pinned}
          formatted={formatted}
          active={active === column}
          selected={isSeveral(range) && inRange(range, row, column)}
        />
      ))}
    </div>
  );
}

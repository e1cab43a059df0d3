import { useId, useMemo, useState } from 'react';
import type { Cell, Column } from '@/api/types';
import { useT } from '@/lib/i18n';
import { CellPanel } from './cell-panel';
import type { Sort } from './compare';
import { GridFooter } from './grid-footer';
import { GridHeader } from './grid-header';
import { GridRow } from './grid-row';
import { messages } from './messages';
import { useGridControls } from './use-grid-controls';
import { useLoad } from './use-load';
import { useViewport } from './use-viewport';
import { fillWidth, guessWidths, MIN_WIDTH } from './widths';
import { columnSpan, indexes, offsets, rowSpan } from './window';

export interface GridProps {
  label: string;
  columns: readonly Column[];
  /** Rows that can be scrolled to, loaded or not. */
  rowCount: number;
  /** undefined: not loaded yet. */
  cell: (row: number, column: number) => Cell | undefined;
  /** Brings rows `start` to `end` (exclusive) into `cell`. */
  load?: (start: number, end: number) => Promise<void>;
  sort?: Sort | null;
  onSort?: (sort: Sort | null) => void;
  /** Height in CSS; the grid scrolls inside it. */
  maxHeight?: string;
}

const EXTRA_ROWS = 6;
const GUTTER = 52;

/** Height of a row in pixels: the density token, which is in rem. */
function rowHeightNow(): number {
  const rem = parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row'));
  return Number.isFinite(rem) ? rem * 16 : 36;
}

/** A result as a table one can walk through with the keyboard, select and copy from. */
export function Grid(props: GridProps) {
  const { label, columns, rowCount, cell, load, sort = null, maxHeight = '24rem' } = props;
  const t = useT(messages);
  const id = useId();
  const { ref, viewport, measure } = useViewport();
  const [rowHeight] = useState(rowHeightNow);
  const [resized, setResized] = useState<Record<number, number>>({});
  const guessed = useMemo(() => guessWidths(columns, rowCount, cell), [columns, rowCount, cell]);
  const widths = guessed.map((width, column) => resized[column] ?? width);
  const edges = offsets(fillWidth(widths, viewport.width - GUTTER));
  const extent = {
    rows: rowCount,
    columns: columns.length,
    page: Math.max(1, Math.floor(viewport.height / rowHeight) - 2),
  };
  const controls = useGridControls(props, ref, { rowHeight, gutter: GUTTER, edges }, extent);
  const { active } = controls.selection;
  const rows = rowSpan(viewport.top, viewport.height, rowHeight, rowCount, EXTRA_ROWS);
  const shown = indexes(columnSpan(edges, viewport.left, viewport.width, 1), active.column);
  useLoad(rows, load);

  const { opened, handlers } = controls;
  const width = GUTTER + (edges.at(-1) ?? 0);
  return (
    <div className="text-sm">
      <div
        ref={ref}
        role="grid"
        data-testid="grid"
        aria-label={label}
        aria-rowcount={rowCount + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable
        tabIndex={-1}
        style={{ maxHeight }}
        className="relative isolate overflow-auto overscroll-x-contain [scrollbar-width:thin] select-none"
        onScroll={measure}
        {...handlers}
      >
        <div style={{ width, minWidth: '100%', height: rowHeight * (rowCount + 1) }}>
          <GridHeader
            id={id}
            columns={columns}
            shown={shown}
            edges={edges}
            gutter={GUTTER}
            sort={sort}
            active={active.row < 0 ? active.column : -1}
            onResize={(column, next) => {
              setResized((all) => ({ ...all, [column]: Math.max(MIN_WIDTH, next) }));
            }}
          />
          {indexes(rows, active.row).map((row) => (
            <GridRow
              key={row}
              id={id}
              row={row}
              rowHeight={rowHeight}
              gutter={GUTTER}
              edges={edges}
              shown={shown}
              columns={columns}
              cell={cell}
              active={active.row === row ? active.column : -1}
              range={controls.range}
            />
          ))}
        </div>
      </div>
      {opened && (
        <CellPanel
          title={t('cellOf', { column: columns[opened.column]?.name ?? '', row: opened.row + 1 })}
          value={cell(opened.row, opened.column)}
          onClose={controls.close}
        />
      )}
      <GridFooter range={controls.range} columns={columns} cell={cell} notice={controls.notice} />
    </div>
  );
}

import { useId, useState } from 'react';
import { useT } from '@/lib/i18n';
import { CellPanel } from './cell-panel';
import type { ColumnActions } from './column-menu';
import { GridFooter } from './grid-footer';
import { GridHeader } from './grid-header';
import type { GridProps } from './grid-props';
import { GridRow } from './grid-row';
import { messages } from './messages';
import { useColumns } from './use-columns';
import { useGridControls } from './use-grid-controls';
import { useGoal } from './use-goal';
import { useLoad } from './use-load';
import { useViewport } from './use-viewport';
import { columnSpan, indexes, rowSpan } from './window';

const EXTRA_ROWS = 6;
const GUTTER = 52;

/** Height of a row in pixels: the density token, which is in rem. */
function rowHeightNow(): number {
  const rem = parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row'));
  return Number.isFinite(rem) ? rem * 16 : 36;
}

/** The rows a reader sees, counted from 1; the header covers the height of one. */
function rowsInView(viewport: { top: number; height: number }, rowHeight: number, count: number) {
  const from = Math.min(count, Math.floor(viewport.top / rowHeight) + 1);
  const last = Math.floor((viewport.top + viewport.height) / rowHeight) - 1;
  return { from, to: Math.min(count, Math.max(from, last)), count };
}

/** Pinned columns are always in the page; the others when they are in view. */
const withPinned = (inView: readonly number[], pinned: number): number[] => [
  ...Array.from({ length: pinned }, (_, position) => position),
  ...inView.filter((position) => position >= pinned),
];

/** A result as a table one can walk through with the keyboard, select and copy from. */
export function Grid(props: GridProps) {
  const { label, rowCount, load, maxHeight = '24rem' } = props;
  const t = useT(messages);
  const id = useId();
  const { ref, viewport, measure } = useViewport();
  const [rowHeight] = useState(rowHeightNow);
  const [menu, setMenu] = useState<number | null>(null);
  const [formatted, setFormatted] = useState(false);
  const arranged = useColumns(props, viewport.width - GUTTER);
  const { view, edges, pinned } = arranged;
  const { columns, cell } = view;
  const extent = {
    rows: rowCount,
    columns: columns.length,
    page: Math.max(1, Math.floor(viewport.height / rowHeight) - 2),
  };
  const geometry = { rowHeight, gutter: GUTTER, pinned, edges };
  const controls = useGridControls(view, ref, geometry, extent, setMenu);
  const { active } = controls.selection;
  const rows = rowSpan(viewport.top, viewport.height, rowHeight, rowCount, EXTRA_ROWS);
  const inView = indexes(columnSpan(edges, viewport.left, viewport.width, 1), active.column);
  const shown = withPinned(inView, pinned);
  useLoad(rows, load);
  useGoal(props.goal ?? null, columns, controls.select);

  const { opened, handlers } = controls;
  const actions: ColumnActions = {
    columns: arranged,
    menu,
    onMenu: setMenu,
    formatted,
    onFormat: setFormatted,
    onCopy: (column) =>
      void controls.copyRange({ top: 0, bottom: rowCount - 1, left: column, right: column }),
  };
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
            actions={actions}
            shown={shown}
            edges={edges}
            gutter={GUTTER}
            active={active.row < 0 ? active.column : -1}
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
              pinned={pinned}
              formatted={formatted}
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
      <GridFooter
        range={controls.range}
        columns={columns}
        cell={cell}
        notice={controls.notice}
        inView={rowsInView(viewport, rowHeight, rowCount)}
        onCopy={(range) => void controls.copyRange(range)}
      />
    </div>
  );
}

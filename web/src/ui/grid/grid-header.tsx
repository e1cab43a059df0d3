import { ArrowDown, ArrowUp, Filter, Server } from 'lucide-react';
import type { PointerEvent } from 'react';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { isNumeric } from './cells';
import { ColumnMenu, type ColumnActions } from './column-menu';
import type { Sort } from './compare';
import { messages } from './messages';

interface GridHeaderProps {
  id: string;
  actions: ColumnActions;
  shown: readonly number[];
  edges: readonly number[];
  gutter: number;
  active: number;
}

function startResize(
  event: PointerEvent<HTMLElement>,
  width: number,
  resize: (width: number) => void,
): void {
  event.preventDefault();
  event.stopPropagation();
  const handle = event.currentTarget;
  const from = event.clientX;
  handle.setPointerCapture(event.pointerId);
  handle.onpointermove = (move) => {
    resize(width + move.clientX - from);
  };
  handle.onpointerup = () => {
    handle.onpointermove = null;
    handle.onpointerup = null;
  };
}

interface SortMarkProps {
  sort: Sort | null;
  column: number;
  onServer: boolean;
}

/** Which way a column is sorted, and whether over more rows than are loaded. */
function SortMark({ sort, column, onServer }: SortMarkProps) {
  const t = useT(messages);
  if (sort?.column !== column) return null;
  const Icon = sort.direction === 'asc' ? ArrowUp : ArrowDown;
  return (
    <span title={t(onServer ? 'sortsServer' : 'sortsHere')} className="flex text-accent">
      <Icon size={12} className="shrink-0" aria-hidden />
      {onServer && <Server size={12} className="shrink-0" aria-hidden />}
      <span className="sr-only">{onServer ? t('sortsServer') : ''}</span>
    </span>
  );
}

const ariaSort = (sort: Sort | null, column: number) =>
  sort?.column === column ? (sort.direction === 'asc' ? 'ascending' : 'descending') : 'none';

/** The sticky row of column names; a header cell sorts, its right edge changes the width. */
export function GridHeader(props: GridHeaderProps) {
  const { id, actions, shown, edges, gutter, active } = props;
  const { view, pinned, resize } = actions.columns;
  const { columns, sort = null, sortsOnServer = false, filtered = [] } = view;
  const t = useT(messages);
  return (
    <div
      role="row"
      aria-rowindex={1}
      className="sticky top-0 z-[3] flex h-row border-b border-line bg-sunken text-muted"
    >
      <div
        role="columnheader"
        aria-colindex={1}
        style={{ width: gutter }}
        className="sticky left-0 z-[2] h-full shrink-0 border-r border-line bg-sunken"
      >
        <span className="sr-only">{t('rowNumber')}</span>
      </div>
      {shown.map((column) => {
        const { name, type } = columns[column] ?? { name: '', type: 'string' };
        const width = (edges[column + 1] ?? 0) - (edges[column] ?? 0);
        return (
          <div
            key={column}
            id={`${id}-h-${column}`}
            role="columnheader"
            aria-colindex={column + 2}
            aria-sort={ariaSort(sort, column)}
            tabIndex={active === column ? 0 : -1}
            data-row={-1}
            data-column={column}
            title={`${name} · ${type}`}
            style={{ left: gutter + (edges[column] ?? 0), width }}
            className={cx(
              'flex cursor-pointer items-center gap-1 border-r border-line pr-1.5 pl-2',
              column < pinned ? 'sticky z-[2] h-full shrink-0 bg-sunken' : 'absolute inset-y-0',
              'font-strong hover:text-fg focus-visible:outline-offset-[-2px]',
              isNumeric(type) && 'justify-end',
            )}
          >
            <span className="min-w-0 truncate">{name}</span>
            <SortMark sort={sort} column={column} onServer={sortsOnServer} />
            {filtered.includes(column) && (
              <span title={t('filtered')} className="flex text-accent">
                <Filter size={12} className="shrink-0" aria-hidden />
                <span className="sr-only">{t('filtered')}</span>
              </span>
            )}
            <span className={cx('flex shrink-0', !isNumeric(type) && 'ml-auto')}>
              <ColumnMenu
                position={column}
                name={name}
                width={width}
                reachable={active === column}
                actions={actions}
              />
            </span>
            <span
              aria-hidden
              title={t('resize', { column: name })}
              onPointerDown={(event) => {
                startResize(event, width, (next) => {
                  resize(column, next);
                });
              }}
              className="absolute inset-y-0 right-0 w-1.5 cursor-col-resize hover:bg-accent"
            />
          </div>
        );
      })}
    </div>
  );
}

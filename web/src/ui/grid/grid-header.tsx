import { ArrowDown, ArrowUp } from 'lucide-react';
import type { PointerEvent } from 'react';
import type { Column } from '@/api/types';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { isNumeric } from './cells';
import type { Sort } from './compare';
import { messages } from './messages';

interface GridHeaderProps {
  id: string;
  columns: readonly Column[];
  shown: readonly number[];
  edges: readonly number[];
  gutter: number;
  sort: Sort | null;
  active: number;
  onResize: (column: number, width: number) => void;
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

function SortMark({ sort, column }: { sort: Sort | null; column: number }) {
  if (sort?.column !== column) return null;
  const Icon = sort.direction === 'asc' ? ArrowUp : ArrowDown;
  return <Icon size={12} className="shrink-0 text-accent" aria-hidden />;
}

const ariaSort = (sort: Sort | null, column: number) =>
  sort?.column === column ? (sort.direction === 'asc' ? 'ascending' : 'descending') : 'none';

/** The sticky row of column names; a header cell sorts, its right edge changes the width. */
export function GridHeader(props: GridHeaderProps) {
  const { id, columns, shown, edges, gutter, sort, active, onResize } = props;
  const t = useT(messages);
  return (
    <div
      role="row"
      aria-rowindex={1}
      className="sticky top-0 z-[3] h-row border-b border-line bg-sunken text-muted"
    >
      <div
        role="columnheader"
        aria-colindex={1}
        style={{ width: gutter }}
        className="sticky left-0 z-[2] h-full border-r border-line bg-sunken"
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
              'absolute inset-y-0 flex cursor-pointer items-center gap-1 border-r border-line px-2',
              'font-strong hover:text-fg focus-visible:outline-offset-[-2px]',
              isNumeric(type) && 'justify-end',
            )}
          >
            <span className="truncate">{name}</span>
            <SortMark sort={sort} column={column} />
            <span
              aria-hidden
              title={t('resize', { column: name })}
              onPointerDown={(event) => {
                startResize(event, width, (next) => {
                  onResize(column, next);
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

import { useCallback, useMemo, useState } from 'react';
import type { Column } from '@/api/types';
import type { Sort } from './compare';
import type { GridProps } from './grid-props';
import { fillWidth, fitWidth, guessWidths, MIN_WIDTH } from './widths';
import { offsets } from './window';

interface Choices {
  hidden: readonly number[];
  pinned: readonly number[];
  widths: Readonly<Record<number, number>>;
}

const NOTHING: Choices = { hidden: [], pinned: [], widths: {} };

/** Which columns are shown, pinned ones first; each is an index into the result's columns. */
export function columnOrder(count: number, hidden: readonly number[], pinned: readonly number[]) {
  const visible = Array.from({ length: count }, (_, index) => index).filter(
    (index) => !hidden.includes(index),
  );
  const first = pinned.filter((index) => visible.includes(index));
  return { order: [...first, ...visible.filter((index) => !first.includes(index))], first };
}

const without = (list: readonly number[], one: number) => list.filter((index) => index !== one);

function mapSort(sort: Sort | null | undefined, order: readonly number[]): Sort | null {
  if (!sort) return null;
  const column = order.indexOf(sort.column);
  return column < 0 ? null : { ...sort, column };
}

/**
 * The widths that show what has been loaded so far. They never shrink: while other rows come, as
 * those in another order, the columns and their buttons stay where they are.
 */
function useGuessed({ columns, rowCount, cell }: GridProps): readonly number[] {
  const names = columns.map(({ name }) => name).join('\n');
  const [widest, setWidest] = useState<{ names: string; widths: readonly number[] }>();
  const now = useMemo(() => guessWidths(columns, rowCount, cell), [columns, rowCount, cell]);
  const before = widest?.names === names ? widest.widths : [];
  const widths = now.map((width, index) => Math.max(width, before[index] ?? 0));
  if (widths.some((width, index) => width !== before[index])) setWidest({ names, widths });
  return widths;
}

/**
 * The columns as the reader arranged them. Everything else in the grid speaks of positions on
 * screen; this is the one place that knows which column of the result a position shows.
 */
export function useColumns(props: GridProps, room: number) {
  const { columns, rowCount, cell, sort, onSort, onInspect, filtered = [] } = props;
  const [choices, setChoices] = useState(NOTHING);
  const { hidden, pinned, widths } = choices;
  const { order, first } = useMemo(
    () => columnOrder(columns.length, hidden, pinned),
    [columns, hidden, pinned],
  );
  const visible = useMemo(
    () => order.map((index) => columns[index]).filter((one): one is Column => one !== undefined),
    [order, columns],
  );
  const visibleCell = useCallback(
    (row: number, position: number) => cell(row, order[position] ?? -1),
    [cell, order],
  );
  const guessed = useGuessed(props);
  const chosen = order.map((index) => widths[index] ?? guessed[index] ?? MIN_WIDTH);
  const fixed = order.map((index) => index in widths);
  const edges = offsets(fillWidth(chosen, fixed, room));

  const view: GridProps = {
    ...props,
    columns: visible,
    cell: visibleCell,
    sort: mapSort(sort, order),
    onSort:
      onSort && ((next) => onSort(next && { ...next, column: order[next.column] ?? next.column })),
    onInspect: onInspect && ((position) => onInspect(order[position] ?? position)),
    filtered: filtered.map((index) => order.indexOf(index)),
  };

  const at = (position: number) => order[position] ?? -1;
  const change = (make: (before: Choices) => Partial<Choices>) =>
    setChoices((before) => ({ ...before, ...make(before) }));
  const resize = (position: number, width: number) =>
    change((before) => ({
      widths: { ...before.widths, [at(position)]: Math.max(MIN_WIDTH, Math.round(width)) },
    }));
  return {
    view,
    edges,
    pinned: first.length,
    hidden: hidden.map((index) => ({ index, name: columns[index]?.name ?? '' })),
    resize,
    fit: (position: number) => resize(position, fitWidth(columns, at(position), rowCount, cell)),
    hide: (position: number) => change((before) => ({ hidden: [...before.hidden, at(position)] })),
    show: (index: number) => change((before) => ({ hidden: without(before.hidden, index) })),
    showAll: () => change(() => ({ hidden: [] })),
    togglePin: (position: number) =>
      change(({ pinned: now }) => {
        const index = at(position);
        return { pinned: now.includes(index) ? without(now, index) : [...now, index] };
      }),
  };
}

export type GridColumns = ReturnType<typeof useColumns>;

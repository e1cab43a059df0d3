import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import type { Extent, Position, Selection } from './selection';

const ORIGIN: Position = { row: 0, column: 0 };

export interface ScrollGeometry {
  rowHeight: number;
  gutter: number;
  /** Columns at the left that do not scroll. */
  pinned: number;
  edges: readonly number[];
}

function revealColumn(box: HTMLElement, column: number, geometry: ScrollGeometry): void {
  const { gutter, edges, pinned } = geometry;
  if (column < pinned) return;
  const [left, right] = [(edges[column] ?? 0) - (edges[pinned] ?? 0), edges[column + 1] ?? 0];
  const room = box.clientWidth - gutter;
  if (left < box.scrollLeft) box.scrollLeft = left;
  else if (room > 0 && right > box.scrollLeft + room) box.scrollLeft = right - room;
}

/** Scrolls as little as needed so that a cell lies beside the sticky header, row numbers and pinned columns. */
function reveal(box: HTMLElement, { row, column }: Position, geometry: ScrollGeometry): void {
  const { rowHeight } = geometry;
  if (row >= 0) {
    const top = row * rowHeight;
    const room = box.clientHeight - rowHeight * 2;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (room > 0 && top > box.scrollTop + room) box.scrollTop = top - room;
  }
  revealColumn(box, column, geometry);
}

/** Active cell, selected range and focus of a grid: one tab stop that roves. */
export function useSelection(
  box: RefObject<HTMLDivElement | null>,
  geometry: ScrollGeometry,
  extent: Extent,
) {
  const [selection, setSelection] = useState<Selection>({ active: ORIGIN, anchor: ORIGIN });
  const moved = useRef(false);

  // A sort or a smaller result must not leave the active cell outside.
  const active = {
    row: Math.min(selection.active.row, extent.rows - 1),
    column: Math.max(0, Math.min(selection.active.column, extent.columns - 1)),
  };

  const select = useCallback((next: Selection) => {
    moved.current = true;
    setSelection(next);
  }, []);

  useEffect(() => {
    if (!moved.current || !box.current) return;
    moved.current = false;
    reveal(box.current, selection.active, geometry);
    const { row, column } = selection.active;
    box.current
      .querySelector<HTMLElement>(`[data-row="${row}"][data-column="${column}"]`)
      ?.focus({ preventScroll: true });
  });

  return { selection: { ...selection, active }, select };
}

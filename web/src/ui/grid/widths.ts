import type { Cell, Column } from '@/api/types';
import { cellText } from './cells';

const CHARACTER = 8.2;
/** Room for the edges of a cell and, in the header, for the menu button. */
const PADDING = 48;
const SAMPLE = 30;
const FIT_SAMPLE = 2000;
export const MIN_WIDTH = 64;
const MAX_WIDTH = 320;
const MAX_FIT = 960;

type CellAt = (row: number, column: number) => Cell | undefined;

function textWidth(name: string, column: number, rows: number, cell: CellAt): number {
  let longest = name.length;
  for (let row = 0; row < rows; row += 1)
    longest = Math.max(longest, cellText(cell(row, column)).length);
  return Math.round(longest * CHARACTER + PADDING);
}

const between = (width: number, most: number) => Math.min(most, Math.max(MIN_WIDTH, width));

/** A width for each column that fits its name and the beginning of its values. */
export function guessWidths(columns: readonly Column[], rowCount: number, cell: CellAt): number[] {
  const rows = Math.min(SAMPLE, rowCount);
  return columns.map(({ name }, column) => between(textWidth(name, column, rows, cell), MAX_WIDTH));
}

/** The width that shows every loaded value of a column, up to a screen's worth. */
export function fitWidth(
  columns: readonly Column[],
  column: number,
  rowCount: number,
  cell: CellAt,
): number {
  const rows = Math.min(FIT_SAMPLE, rowCount);
  return between(textWidth(columns[column]?.name ?? '', column, rows, cell), MAX_FIT);
}

/** Shares out the room a narrow table leaves, except to columns whose width was chosen. */
export function fillWidth(
  widths: readonly number[],
  fixed: readonly boolean[],
  room: number,
): readonly number[] {
  const total = widths.reduce((sum, width) => sum + width, 0);
  const free = fixed.filter((one) => !one).length;
  const extra = free === 0 ? 0 : Math.floor((room - total) / free);
  return extra > 0 ? widths.map((width, at) => (fixed[at] ? width : width + extra)) : widths;
}

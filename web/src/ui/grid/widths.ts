import type { Cell, Column } from '@/api/types';
import { cellText } from './cells';

const CHARACTER = 8.2;
const PADDING = 32;
const SAMPLE = 30;
export const MIN_WIDTH = 64;
const MAX_WIDTH = 320;

/** A width for each column that fits its name and the beginning of its values. */
export function guessWidths(
  columns: readonly Column[],
  rowCount: number,
  cell: (row: number, column: number) => Cell | undefined,
): number[] {
  return columns.map(({ name }, column) => {
    let longest = name.length;
    for (let row = 0; row < Math.min(SAMPLE, rowCount); row += 1)
      longest = Math.max(longest, cellText(cell(row, column)).length);
    const width = Math.round(longest * CHARACTER + PADDING);
    return Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width));
  });
}

/** Shares out the room a narrow table leaves, so that it has no empty right half. */
export function fillWidth(widths: readonly number[], room: number): readonly number[] {
  const total = widths.reduce((sum, width) => sum + width, 0);
  const extra = Math.floor((room - total) / Math.max(1, widths.length));
  return extra > 0 ? widths.map((width) => width + extra) : widths;
}

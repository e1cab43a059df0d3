import type { Cell, Column } from '@/api/types';
import { cellText } from './cells';

const CHARACTER = 7.4;
const PADDING = 28;
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

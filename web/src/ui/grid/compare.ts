import type { Cell } from '@/api/types';
import { cellText, isNumeric } from './cells';
import {
  addDecimals,
  compareDecimals,
  decimalText,
  divideDecimal,
  parseDecimal,
  type Decimal,
} from './decimal';

export interface Sort {
  column: number;
  direction: 'asc' | 'desc';
}

function asDecimal(value: Cell | undefined): Decimal | null {
  return typeof value === 'number' || typeof value === 'string'
    ? parseDecimal(String(value))
    : null;
}

function compareNumeric(left: Cell, right: Cell): number {
  const [a, b] = [asDecimal(left), asDecimal(right)];
  if (a && b) return compareDecimals(a, b);
  // NaN and the infinities travel as text; NaN sorts above every number, as in PostgreSQL.
  const [x, y] = [Number(left), Number(right)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  return x - y;
}

/** Orders two values of one column type; neither may be null. */
export function compareCells(type: string, left: Cell, right: Cell): number {
  if (isNumeric(type)) return compareNumeric(left, right);
  const [a, b] = [cellText(left), cellText(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Row indexes in sorted order; ties keep their order and NULL comes last either way. */
export function sortedIndexes(
  type: string,
  values: readonly Cell[],
  direction: Sort['direction'],
): number[] {
  const sign = direction === 'asc' ? 1 : -1;
  return values
    .map((_, index) => index)
    .sort((a, b) => {
      const [left, right] = [values[a] ?? null, values[b] ?? null];
      if (left === null || right === null) return Number(left === null) - Number(right === null);
      return sign * compareCells(type, left, right);
    });
}

export interface Summary {
  /** Cells that are not NULL. */
  count: number;
  sum?: string;
  avg?: string;
  min?: string;
  max?: string;
}

/** Sums exactly; a selection that holds text, NaN or an infinity has a count only. */
export function summarise(
  cells: readonly (readonly [type: string, value: Cell | undefined])[],
): Summary {
  const present = cells.filter(([, value]) => value !== null && value !== undefined);
  const count = present.length;
  const numbers: Decimal[] = [];
  for (const [type, value] of present) {
    const number = isNumeric(type) ? asDecimal(value) : null;
    if (number === null) return { count };
    numbers.push(number);
  }
  const [first] = numbers;
  if (first === undefined) return { count };
  const pick = (sign: number) =>
    numbers.reduce((best, next) => (sign * compareDecimals(next, best) > 0 ? next : best), first);
  const sum = numbers.reduce(addDecimals);
  return {
    count,
    sum: decimalText(sum),
    avg: decimalText(divideDecimal(sum, count)),
    min: decimalText(pick(-1)),
    max: decimalText(pick(1)),
  };
}

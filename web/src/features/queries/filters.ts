import type { ColumnType } from '@/api/types';

export const OPERATORS = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'contains',
  'starts with',
  'in',
  'is null',
  'is not null',
] as const;
export type Operator = (typeof OPERATORS)[number];

/** A condition on a column of a result; a row must meet all conditions. */
export interface ResultFilter {
  column: number;
  op: Operator;
  /** As typed; for `in` separated by commas. */
  value: string;
}

const ORDERED: readonly Operator[] = ['<', '<=', '>', '>='];
const SEARCHED: readonly Operator[] = ['contains', 'starts with'];
const UNORDERED = new Set<ColumnType>(['json', 'list', 'interval', 'binary']);
const UNSEARCHED = new Set<ColumnType>([
  'boolean',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'binary',
]);

/** The operators that mean something for a type, the most likely one first. */
export function operatorsOf(type: ColumnType): Operator[] {
  const known = OPERATORS.filter(
    (op) =>
      !(UNORDERED.has(type) && ORDERED.includes(op)) &&
      !(UNSEARCHED.has(type) && SEARCHED.includes(op)),
  );
  return type === 'string' ? ['contains', ...known.filter((op) => op !== 'contains')] : known;
}

export const takesValue = (op: Operator): boolean => op !== 'is null' && op !== 'is not null';

/** The `filter` parameter; columns go by position, because names may repeat or be empty. */
export function filterParam(filters: readonly ResultFilter[]): string | null {
  if (filters.length === 0) return null;
  return JSON.stringify(
    filters.map(({ column, op, value }) => ({
      column: `#${column + 1}`,
      op,
      ...(takesValue(op) && {
        value: op === 'in' ? value.split(',').map((one) => one.trim()) : value,
      }),
    })),
  );
}

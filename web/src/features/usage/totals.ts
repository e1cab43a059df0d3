import type { UsageReport, UsageRow } from '@/api/types';

export interface Total {
  key: string;
  name: string | null;
  calls: number;
  input: number | null;
  output: number | null;
  /** USD; null when no call has a known price. */
  cost: number | null;
  /** Calls that `cost` leaves out. */
  unpriced: number;
  uncounted: number;
}

const plus = (left: number | null, right: number | null) =>
  right === null ? left : (left ?? 0) + right;

const NOBODY = '';

const nothing = (key: string, name: string | null): Total => ({
  key,
  name,
  calls: 0,
  input: null,
  output: null,
  cost: null,
  unpriced: 0,
  uncounted: 0,
});

function add(old: Total, row: UsageRow): Total {
  return {
    ...old,
    calls: old.calls + row.calls,
    input: plus(old.input, row.input_tokens),
    output: plus(old.output, row.output_tokens),
    cost: plus(old.cost, row.cost === null ? null : Number(row.cost)),
    unpriced: old.unpriced + row.unpriced_calls,
    uncounted: old.uncounted + row.uncounted_calls,
  };
}

/** One total per group, the one with most tokens first. */
export function totals(report: UsageReport): Total[] {
  const found = new Map<string, Total>();
  for (const row of report.rows) {
    const key = row.key ?? NOBODY;
    found.set(key, add(found.get(key) ?? nothing(key, row.name), row));
  }
  const size = ({ input, output }: Total) => (input ?? 0) + (output ?? 0);
  return [...found.values()].sort((left, right) => size(right) - size(left));
}

export interface Day {
  day: string;
  /** Tokens by group, in the order of `keys`. */
  values: number[];
  total: number;
}

/** Every day of the report with its tokens by group; a day nothing was used is an empty one. */
export function daily(report: UsageReport, keys: readonly string[]): Day[] {
  const days = new Map<string, number[]>();
  for (let at = Date.parse(report.since); at <= Date.parse(report.until); at += 86_400_000) {
    days.set(
      new Date(at).toISOString().slice(0, 10),
      keys.map(() => 0),
    );
  }
  for (const row of report.rows) {
    const place = keys.indexOf(row.key ?? NOBODY);
    const values = days.get(row.day);
    if (values && place >= 0)
      values[place] = (values[place] ?? 0) + (row.input_tokens ?? 0) + (row.output_tokens ?? 0);
  }
  return [...days].map(([day, values]) => ({
    day,
    values,
    total: values.reduce((sum, value) => sum + value, 0),
  }));
}

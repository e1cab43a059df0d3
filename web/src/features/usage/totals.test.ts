import { expect, test } from 'vitest';
import type { UsageRow } from '@/api/types';
import { daily, totals } from './totals';

const row = (day: string, key: string | null, changes: Partial<UsageRow> = {}): UsageRow => ({
  day,
  key,
  name: key,
  calls: 1,
  input_tokens: 10,
  output_tokens: 5,
  cost: '0.5',
  unpriced_calls: 0,
  uncounted_calls: 0,
  ...changes,
});

const report = (...rows: UsageRow[]) => ({
  since: '2026-11-18',
  until: '2026-11-20',
  group_by: 'model' as const,
  rows,
});

test('totals add up what is known and count what is not', () => {
  const unknown = { cost: null, input_tokens: null, output_tokens: null };
  const found = totals(
    report(
      row('2026-11-18', 'a'),
      row('2026-11-20', 'a', { ...unknown, unpriced_calls: 1, uncounted_calls: 1 }),
      row('2026-11-19', 'b', { ...unknown, unpriced_calls: 1, uncounted_calls: 1 }),
    ),
  );
  expect(found).toMatchObject([
    { key: 'a', calls: 2, input: 10, output: 5, cost: 0.5, unpriced: 1 },
    { key: 'b', calls: 1, input: null, cost: null, unpriced: 1, uncounted: 1 },
  ]);
});

test('every day is there, also one nothing was used on', () => {
  const found = daily(report(row('2026-11-18', 'a'), row('2026-11-20', 'b')), ['a', 'b']);
  expect(found).toEqual([
    { day: '2026-11-18', values: [15, 0], total: 15 },
    { day: '2026-11-19', values: [0, 0], total: 0 },
    { day: '2026-11-20', values: [0, 15], total: 15 },
  ]);
});

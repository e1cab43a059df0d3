import { expect, test } from 'vitest';
import { fakeRun, fakeStep } from '@/testing/fakes-runs';
import { axis, extentOf, idleGaps, openRows, treeRows } from './tree';

const AT = Date.parse('2026-11-18T14:02:00Z');
const at = (seconds: number) => new Date(AT + seconds * 1000).toISOString();

const steps = [
  fakeStep({ id: 's', kind: 'step', name: '1', duration_ms: 10_000 }),
  fakeStep({
    id: 'm',
    parent_id: 's',
    duration_ms: 8000,
    cost: '0.5',
    input_tokens: 100,
    output_tokens: 20,
  }),
  fakeStep({ id: 't', parent_id: 's', kind: 'tool', name: 'count_rows', duration_ms: 2000 }),
];

test('a parent shows what is below it, and a child that took most of it is marked', () => {
  const [step, model, tool] = treeRows(steps, AT);
  expect(step?.tokens).toBe(120);
  expect(step?.cost).toEqual({ known: 0.5, atLeast: false });
  expect([step?.depth, model?.depth]).toEqual([0, 1]);
  expect([model?.share, tool?.share]).toEqual(['most', null]);
});

test('one call without a price makes the sum a lower bound, never a smaller number', () => {
  const unpriced = fakeStep({ id: 'm2', parent_id: 's', cost: null });
  expect(treeRows([...steps, unpriced], AT)[0]?.cost).toEqual({ known: 0.5, atLeast: true });
  const only = treeRows([steps[0] ?? unpriced, unpriced], AT)[0];
  expect(only?.cost).toEqual({ known: null, atLeast: true });
});

test('what runs counts up to now, and its cost is not called unknown yet', () => {
  const running = fakeStep({
    status: 'running',
    started_at: at(0),
    finished_at: null,
    duration_ms: null,
    cost: null,
  });
  const [row] = treeRows([running], AT + 3000);
  expect(row?.ms).toBe(3000);
  expect(row?.cost.atLeast).toBe(false);
});

test('folding hides everything below, at any depth', () => {
  const deep = fakeStep({ id: 'x', parent_id: 't' });
  const rows = treeRows([...steps, deep], AT);
  expect(openRows(rows, new Set(['s'])).map((row) => row.step.id)).toEqual(['s']);
  expect(openRows(rows, new Set(['t'])).map((row) => row.step.id)).toEqual(['s', 'm', 't']);
});

test('a long idle stretch is found, and squeezing it keeps the order of moments', () => {
  const run = fakeRun({ created_at: at(0), finished_at: at(100) });
  const rows = treeRows(
    [
      fakeStep({ id: 'a', started_at: at(0), finished_at: at(5) }),
      fakeStep({ id: 'b', started_at: at(95), finished_at: at(100) }),
    ],
    AT,
  );
  const extent = extentOf(run, AT);
  const gaps = idleGaps(rows, extent, AT);
  expect(gaps).toEqual([{ start: AT + 5000, end: AT + 95_000 }]);
  expect(axis(extent, [])(AT + 50_000)).toBeCloseTo(0.5);
  const place = axis(extent, gaps);
  const places = [0, 5, 50, 95, 100].map((seconds) => place(AT + seconds * 1000));
  expect([...places].sort((a, b) => a - b)).toEqual(places);
  expect(places[1]).toBeGreaterThan(0.45);
  expect(places[4]).toBe(1);
});

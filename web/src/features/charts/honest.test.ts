import { describe, expect, it } from 'vitest';
import { csvOf } from './download';
import { withGaps } from './gaps';
import { fillsWidth, laidOut, layoutConfig } from './layout';
import { guardChart } from './guards';
import type { Spec } from './sanitise-spec';

const line: Spec = {
  mark: 'line',
  encoding: {
    x: { field: 'month', type: 'temporal' },
    y: { field: 'sum', type: 'quantitative' },
    color: { field: 'region', type: 'nominal' },
  },
};
const month = (at: string, region = 'N') => ({ month: at, sum: 1, region });

describe('withGaps', () => {
  it('breaks a line where a month has no row, for each series apart', () => {
    const rows = [
      ...['2025-01-01', '2025-02-01', '2025-03-01', '2025-06-01'].map((at) => month(at)),
      ...['2025-01-01', '2025-02-01', '2025-03-01'].map((at) => month(at, 'S')),
    ];
    const { rows: made, gaps } = withGaps(line, rows);
    expect(gaps).toBe(2);
    expect(made.slice(rows.length)).toEqual([
      { month: '2025-04-01', sum: null, region: 'N' },
      { month: '2025-05-01', sum: null, region: 'N' },
    ]);
  });

  it('leaves whole series, irregular ones and bars alone', () => {
    const whole = ['2024-12-30', '2024-12-31', '2025-01-01'].map((at) => month(at));
    expect(withGaps(line, whole)).toEqual({ rows: whole, gaps: 0 });
    const odd = ['2025-01-01', '2025-01-03', '2025-04-11', '2025-09-01'].map((at) => month(at));
    expect(withGaps(line, odd).gaps).toBe(0);
    const gap = ['2025-01-01', '2025-02-01', '2025-04-01'].map((at) => month(at));
    expect(withGaps({ ...line, mark: 'bar' }, gap).gaps).toBe(0);
    expect(withGaps(line, gap).gaps).toBe(1);
  });
});

describe('laidOut', () => {
  const facet: Spec = {
    ...line,
    encoding: {
      ...(line.encoding as Spec),
      facet: { field: 'region', type: 'nominal', columns: 3 },
    },
  };
  const rows = ['N', 'S', 'W', 'E'].map((region) => month('2025-01-01', region));

  it('gives small charts as many columns as are legible', () => {
    const wide = laidOut(facet, rows, 900);
    expect((wide.encoding as Record<string, Spec>).facet?.columns).toBe(3);
    const phone = laidOut(facet, rows, 340);
    expect((phone.encoding as Record<string, Spec>).facet?.columns).toBe(1);
    expect(phone.width).toBeLessThan(340);
    expect(fillsWidth(facet)).toBe(false);
    expect(fillsWidth(line)).toBe(true);
  });

  it('puts charts below each other where there is no room beside', () => {
    expect(laidOut({ hconcat: [line, line] }, rows, 340)).toHaveProperty('vconcat');
    expect(laidOut({ hconcat: [line, line] }, rows, 900)).toHaveProperty('hconcat');
  });

  it('gives names down the side a line each, within bounds', () => {
    const bars = (count: number) =>
      laidOut(
        { mark: 'bar', encoding: { y: { field: 'name', type: 'nominal' }, x: { field: 'sum' } } },
        Array.from({ length: count }, (_, at) => ({ name: `n${at}`, sum: at })),
        600,
      ).height;
    expect([bars(3), bars(20), bars(5000)]).toEqual([216, 540, 1200]);
  });

  it('slants names that would run into each other', () => {
    const spec: Spec = { mark: 'bar', encoding: { x: { field: 'region', type: 'nominal' } } };
    const long = ['North America', 'South America', 'Europe', 'Africa'].map((region) => ({
      region,
    }));
    expect(layoutConfig(spec, long, 320).axisX).toHaveProperty('labelAngle', -40);
    expect(layoutConfig(spec, long, 1000).axisX).not.toHaveProperty('labelAngle');
  });
});

it('starts bars at zero in every layer and panel', () => {
  const cut: Spec = {
    mark: 'bar',
    encoding: { y: { field: 'sum', type: 'quantitative', scale: { zero: false } } },
  };
  const options = { all: false, otherName: String };
  const made = guardChart({ vconcat: [{ layer: [cut] }] }, [month('a'), month('b')], options).spec;
  expect(JSON.stringify(made)).toContain('"scale":{"zero":true}');
});

it('writes rows as CSV that no spreadsheet takes for a formula', () => {
  const rows = [
    { name: '=1+1', 'a,b': 'say "x"', n: -5 },
    { name: null, 'a,b': 'two\nlines', n: 1.5 },
  ];
  expect(csvOf(rows)).toBe('name,"a,b",n\r\n\'=1+1,"say ""x""",-5\r\n,"two\nlines",1.5\r\n');
});

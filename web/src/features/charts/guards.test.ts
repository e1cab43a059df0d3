import { describe, expect, it } from 'vitest';
import { guardChart } from './guards';
import { rendererFor } from './renderer';
import type { Spec } from './sanitise-spec';

const options = { all: false, otherName: (count: number) => `Other (${count})` };
const bar = (y: Spec = {}): Spec => ({
  mark: 'bar',
  encoding: {
    x: { field: 'city', type: 'nominal' },
    y: { field: 'sum', type: 'quantitative', ...y },
  },
});
const pie: Spec = {
  mark: { type: 'arc', innerRadius: 40 },
  encoding: {
    color: { field: 'city', type: 'nominal' },
    theta: { field: 'sum', type: 'quantitative' },
  },
};
const cities = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ city: `c${at}`, sum: at + 1 }));
const total = (rows: readonly { [name: string]: unknown }[]) =>
  rows.reduce((sum, row) => sum + Number(row.sum), 0);

describe('categories', () => {
  it('are left alone up to 25', () => {
    const rows = cities(25);
    expect(guardChart(bar(), rows, options)).toMatchObject({ view: 'chart', rows, notes: [] });
  });

  it('beyond 25 become the top 24 and the rest added up, which is said', () => {
    const { rows, notes } = guardChart(bar(), cities(30), options);
    expect(rows).toHaveLength(25);
    expect(rows.at(-1)).toEqual({ city: 'Other (6)', sum: 1 + 2 + 3 + 4 + 5 + 6 });
    expect(total(rows)).toBe(total(cities(30)));
    expect(notes).toEqual([{ kind: 'topCategories', shown: 24, count: 30, other: true }]);
  });

  it('are counted on whichever axis names them', () => {
    const { x, y } = bar().encoding as Spec;
    const lying = { mark: 'bar', encoding: { x: y, y: x } } as Spec;
    expect(guardChart(lying, cities(30), options).rows).toHaveLength(25);
  });

  it('have no rest when values cannot be added', () => {
    const { rows, notes } = guardChart(bar({ aggregate: 'mean' }), cities(30), options);
    expect(rows).toHaveLength(24);
    expect(notes).toMatchObject([{ other: false }]);
  });

  it('keep their colours apart in the rest', () => {
    const spec = bar();
    (spec.encoding as Spec).color = { field: 'kind', type: 'nominal' };
    const rows = cities(60).map((row, at) => ({ ...row, city: `c${at >> 1}`, kind: at % 2 }));
    const rest = guardChart(spec, rows, options).rows.filter(({ city }) => city === 'Other (6)');
    expect(rest.map(({ kind }) => kind)).toEqual([0, 1]);
  });

  it.each([
    ['-y', ['c39', 'c38']],
    ['y', ['c16', 'c17']],
    ['descending', ['c39', 'c38']],
    [null, ['c16', 'c17']],
    [undefined, ['c16', 'c17']],
    [
      ['c20', 'c1', 'c39'],
      ['c20', 'c39', 'c16'],
    ],
    [{ field: 'sum', order: 'descending' }, ['c39', 'c38']],
  ])('sorted by %j have the rest last, however large it is', (sort, first) => {
    const spec = bar();
    const encoding = spec.encoding as Record<string, Spec>;
    encoding.x = { ...encoding.x, ...(sort === undefined ? {} : { sort }) };
    const { spec: drawn, rows } = guardChart(spec, cities(40), options);
    const order = (drawn.encoding as Record<string, Spec>).x?.sort as string[];
    expect(order.slice(0, first.length)).toEqual(first);
    expect(order.at(-1)).toBe('Other (16)');
    expect(new Set(order)).toEqual(new Set(rows.map(({ city }) => city)));
  });

  it('sorted by another column stay as they are sorted', () => {
    const spec = bar();
    const encoding = spec.encoding as Record<string, Spec>;
    const sort = { field: 'rank', op: 'min' };
    encoding.x = { ...encoding.x, sort };
    const { spec: drawn } = guardChart(spec, cities(40), options);
    expect((drawn.encoding as Record<string, Spec>).x?.sort).toEqual(sort);
  });

  it('keep their small charts apart in the rest', () => {
    const spec = bar();
    (spec.encoding as Spec).facet = { field: 'year', type: 'nominal' };
    const rows = cities(60).map((row, at) => ({ ...row, city: `c${at >> 1}`, year: at % 2 }));
    const rest = guardChart(spec, rows, options).rows.filter(({ city }) => city === 'Other (6)');
    expect(rest.map(({ year }) => year)).toEqual([0, 1]);
  });

  it('are all drawn on request', () => {
    expect(guardChart(bar(), cities(30), { ...options, all: true }).rows).toHaveLength(30);
  });

  it('of time are not categories', () => {
    const rows = Array.from({ length: 40 }, (_, at) => ({ day: `2025-01-${at + 10}`, sum: at }));
    const spec: Spec = {
      mark: 'bar',
      encoding: {
        x: { field: 'day', type: 'temporal' },
        y: { field: 'sum', type: 'quantitative' },
      },
    };
    expect(guardChart(spec, rows, options).rows).toHaveLength(40);
  });
});

describe('pies', () => {
  it('stay pies up to six slices', () => {
    expect(guardChart(pie, cities(6), options)).toMatchObject({ spec: pie, notes: [] });
  });

  it('of more slices become bars, largest first', () => {
    const { spec, notes } = guardChart(pie, cities(7), options);
    expect(spec).toEqual({
      mark: 'bar',
      encoding: {
        x: { field: 'city', type: 'nominal', sort: '-y' },
        y: { field: 'sum', type: 'quantitative' },
      },
    });
    expect(notes).toEqual([{ kind: 'pieToBar', count: 7 }]);
  });
});

describe('the axis of bars', () => {
  const scale = (spec: Spec, mark: string) => {
    const guarded = guardChart({ ...spec, mark }, cities(3), options).spec.encoding as Spec;
    return (guarded.y as Spec).scale;
  };

  it('starts at zero whatever the spec says', () => {
    const cut = bar({ scale: { zero: false, domain: [90, 100], nice: true } });
    expect(scale(cut, 'bar')).toEqual({ nice: true, zero: true });
  });

  it('is free for lines, and for logarithms', () => {
    const cut = { zero: false };
    expect(scale(bar({ scale: cut }), 'line')).toEqual(cut);
    const log = { type: 'log' };
    expect(scale(bar({ scale: log }), 'bar')).toEqual(log);
  });
});

describe('what is no chart', () => {
  it.each([
    [[{ sum: 3 }], 'number'],
    [[{ city: 'Bern' }], 'table'],
    [[{ city: 'Bern', sum: 3 }], 'table'],
    [cities(2), 'chart'],
  ] as const)('%j is shown as a %s', (rows, view) => {
    expect(guardChart(bar(), rows, options).view).toBe(view);
  });
});

it('draws more than 2,000 marks on a canvas', () => {
  expect(rendererFor(cities(2000))).toBe('svg');
  expect(rendererFor(cities(2001))).toBe('canvas');
});

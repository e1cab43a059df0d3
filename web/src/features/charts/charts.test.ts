import { describe, expect, it } from 'vitest';
import { describeChart } from './describe';
import { refuseLoads } from './refuse-loads';
import { sanitiseSpec, UnsafeSpec, type Spec } from './sanitise-spec';
import { applyForm, readForm } from './spec-form';
import { withTimeLabels } from './time-axis';

const bar: Spec = {
  mark: 'bar',
  encoding: {
    x: { field: 'month', type: 'temporal' },
    y: { field: 'revenue', type: 'quantitative', axis: { format: '~s' } },
  },
};
const rows = [
  { month: '2025-01-01', revenue: 3, channel: 'web', orders: 1 },
  { month: '2025-02-01', revenue: 1, channel: 'store', orders: 2 },
  { month: '2025-03-01', revenue: 9, channel: 'web', orders: 3 },
];

describe('sanitiseSpec', () => {
  it('keeps an ordinary chart as it is', () => {
    expect(sanitiseSpec({ ...bar, title: 'Revenue' })).toEqual({
      spec: { ...bar, title: 'Revenue' },
      dropped: [],
    });
  });

  it.each<[string, Spec]>([
    ['data by address', { ...bar, data: { url: 'https://evil.example/d.csv' } }],
    ['data in a layer', { layer: [{ ...bar, data: { url: 'https://evil.example/d.csv' } }] }],
    ['signals', { ...bar, params: [{ name: 'p', expr: 'fetch(1)' }] }],
    ['links', { ...bar, encoding: { ...(bar.encoding as Spec), href: { field: 'month' } } }],
    ['a linked mark', { ...bar, mark: { type: 'bar', href: 'https://evil.example' } }],
    [
      'a lookup',
      { ...bar, transform: [{ lookup: 'a', from: { data: { url: 'https://evil.example' } } }] },
    ],
    ['nested expressions', { ...bar, title: { text: { signal: 'evil.example' } } }],
    ['configuration', { ...bar, config: { background: 'https://evil.example' } }],
  ])('drops %s', (_, spec) => {
    const { spec: safe, dropped } = sanitiseSpec(spec);
    const text = JSON.stringify(safe);
    expect(text).not.toMatch(/evil|url|href|signal|expr|params|config/);
    expect(dropped.length + Number(text !== JSON.stringify(spec))).toBeGreaterThan(0);
  });

  it.each(['image', 'geoshape', 'custom'])('refuses the mark %s', (mark) => {
    expect(() => sanitiseSpec({ ...bar, mark })).toThrow(UnsafeSpec);
    expect(() => sanitiseSpec({ layer: [{ ...bar, mark: { type: mark } }] })).toThrow(UnsafeSpec);
  });

  it('refuses a spec that draws nothing', () => {
    expect(() => sanitiseSpec({ encoding: {} })).toThrow(UnsafeSpec);
  });

  it('leaves colours and fonts to the theme', () => {
    const { spec } = sanitiseSpec({ ...bar, mark: { type: 'bar', color: 'white', fill: 'white' } });
    expect(spec.mark).toEqual({ type: 'bar' });
  });
});

describe('the loader', () => {
  it('refuses every address', async () => {
    for (const call of [refuseLoads.load, refuseLoads.sanitize, refuseLoads.http, refuseLoads.file])
      await expect(call('https://evil.example/a', { context: 'href' })).rejects.toThrow(
        'evil.example',
      );
  });
});

describe('the edit form', () => {
  it('reads and writes without losing what it does not show', () => {
    const form = readForm(bar);
    expect(form).toMatchObject({ mark: 'bar', x: 'month', y: 'revenue', color: '', sort: '' });
    if (!form) throw new Error('unreadable');
    const made = applyForm(
      { ...bar, title: 'Kept' },
      { ...form, mark: 'line', color: 'channel' },
      rows,
    );
    expect(made).toEqual({
      title: 'Kept',
      mark: 'line',
      encoding: {
        x: { field: 'month', type: 'temporal' },
        y: { field: 'revenue', type: 'quantitative', axis: { format: '~s' } },
        color: { field: 'channel', type: 'nominal' },
      },
    });
  });

  it('turns bars into a pie and back', () => {
    const form = readForm(bar);
    if (!form) throw new Error('unreadable');
    const pie = applyForm(bar, { ...form, mark: 'arc' }, rows);
    expect(Object.keys(pie.encoding as Spec).sort()).toEqual(['color', 'theta']);
    const back = readForm(pie);
    if (!back) throw new Error('unreadable');
    expect(applyForm(pie, { ...back, mark: 'bar' }, rows)).toEqual(bar);
  });

  it('has no answer for layered charts', () => {
    expect(readForm({ layer: [bar] })).toBeNull();
  });
});

describe('describeChart', () => {
  it('says what a reader would see', () => {
    expect(describeChart(bar, rows)).toBe(
      'Bar chart, revenue by month, 3 points, lowest 2025-02-01 1, highest 2025-03-01 9, last 2025-03-01 9.',
    );
  });
});

describe('describeChart of bars that lie on their sides', () => {
  it('knows which axis measures', () => {
    const { x, y } = bar.encoding as Spec;
    const lying = {
      mark: 'bar',
      encoding: { x: y, y: { ...(x as Spec), type: 'nominal' } },
    } as Spec;
    expect(describeChart(lying, rows)).toBe(
      'Bar chart, revenue by month, 3 points, lowest 2025-02-01 1, highest 2025-03-01 9.',
    );
  });
});

describe('withTimeLabels', () => {
  const axis = (spec: Spec, data = rows, width = 700) =>
    (withTimeLabels(spec, data, width).encoding as Record<string, { axis?: object }>).x?.axis;

  it('puts the year below a time axis', () => {
    expect(axis(bar)).toHaveProperty('labelExpr', expect.stringContaining('%Y'));
  });

  it.each([
    [1100, { interval: 'month', step: 1 }],
    [700, { interval: 'month', step: 3 }],
    [300, { interval: 'month', step: 6 }],
    [150, 'year'],
  ])('spaces the ticks of two years for %i pixels', (width, tickCount) => {
    const ends = [{ month: '2024-01-01' }, { month: '2026-01-01' }] as typeof rows;
    const between = { ...ends[0], month: '2024-06-01' } as (typeof rows)[0];
    expect(axis(bar, [...ends, between], width)).toHaveProperty('tickCount', tickCount);
  });

  it('shows years alone when the rows are years', () => {
    expect(axis(bar, [{ month: '2024-01-01' }, { month: '2025-01-01' }] as typeof rows)).toEqual({
      format: '%Y',
    });
  });

  it.each<[string, Spec]>([
    ['a format of its own', { field: 'month', type: 'temporal', axis: { format: '%b' } }],
    ['no axis', { field: 'month', type: 'temporal', axis: null }],
    ['a time unit', { field: 'month', type: 'temporal', timeUnit: 'month' }],
    ['another type', { field: 'month', type: 'nominal' }],
  ])('leaves alone %s', (_, x) => {
    const spec: Spec = { mark: 'bar', encoding: { x } };
    expect(withTimeLabels(spec, rows, 700)).toBe(spec);
  });
});

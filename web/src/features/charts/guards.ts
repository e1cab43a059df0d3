import { markOf, type Row } from './describe';
import { inOrder } from './category-order';
import { applyForm, fieldType, readForm } from './spec-form';
import type { Json, Spec } from './sanitise-spec';

/** Beyond these a chart is drawn in the next best way, and says so. */
export const MOST_CATEGORIES = 25;
export const KEPT_CATEGORIES = 24;
export const MOST_SLICES = 6;

export type GuardNote =
  | { kind: 'pieToBar'; count: number }
  /** `other`: the rest is added up in a bar of its own; else it is left out. */
  | { kind: 'topCategories'; shown: number; count: number; other: boolean };

export interface GuardedChart {
  /** What suits the data best; the reader may still ask for another. */
  view: 'chart' | 'number' | 'table';
  spec: Spec;
  rows: readonly Row[];
  notes: GuardNote[];
}

const isSpec = (value: Json | undefined): value is Spec =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const channelOf = (spec: Spec, name: string): Spec | null => {
  const found = isSpec(spec.encoding) ? spec.encoding[name] : undefined;
  return isSpec(found) ? found : null;
};

const fieldName = (channel: Spec): string =>
  typeof channel.field === 'string' ? channel.field : '';

const markType = (spec: Spec): string => readForm(spec)?.mark ?? '';

/** One value is a number, one row is a table; neither has a shape to look at. */
function bestView(rows: readonly Row[]): GuardedChart['view'] {
  const [only] = rows;
  if (rows.length !== 1 || !only) return 'chart';
  const values = Object.values(only);
  return values.length === 1 && typeof values[0] === 'number' ? 'number' : 'table';
}

const distinct = (rows: readonly Row[], field: string) => new Set(rows.map((row) => row[field]));

function pieToBar(spec: Spec, rows: readonly Row[], notes: GuardNote[]): Spec {
  const form = readForm(spec);
  if (form?.mark !== 'arc' || form.x === '') return spec;
  const count = distinct(rows, form.x).size;
  if (count <= MOST_SLICES) return spec;
  notes.push({ kind: 'pieToBar', count });
  const made = applyForm(spec, { ...form, mark: 'bar', sort: form.sort || '-y' }, rows);
  // Radii mean nothing to bars.
  return { ...made, mark: 'bar' };
}

const isMeasure = (channel: Spec, rows: readonly Row[]): boolean =>
  channel.aggregate !== undefined ||
  (channel.bin === undefined &&
    (channel.type ?? fieldType(rows, fieldName(channel))) === 'quantitative');

interface Roles {
  category: Spec & { field: string };
  measure: Spec;
}

/** Which axis of a bar chart names things and which one measures them, lying or standing. */
function barRoles(spec: Spec, rows: readonly Row[]): Roles | null {
  const [x, y] = [channelOf(spec, 'x'), channelOf(spec, 'y')];
  if (markType(spec) !== 'bar' || !x || !y) return null;
  const [category, measure] = isMeasure(x, rows) ? [y, x] : [x, y];
  const { field } = category;
  const type = category.type ?? fieldType(rows, fieldName(category));
  const named = type === 'nominal' || type === 'ordinal';
  if (!named || typeof field !== 'string' || category.timeUnit !== undefined) return null;
  return { category: { ...category, field }, measure };
}

const amount = (row: Row, measure: Spec): number => {
  if (measure.aggregate === 'count') return 1;
  const value = row[fieldName(measure)];
  return typeof value === 'number' ? value : 0;
};

const canAdd = ({ aggregate }: Spec) => aggregate === undefined || aggregate === 'sum';

const SPLITS = ['color', 'xOffset', 'yOffset', 'facet', 'row', 'column'];

/** Columns that keep rows of one category apart: colours, bars beside each other, small charts. */
const splitBy = (spec: Spec, roles: Roles): string[] => {
  const named = SPLITS.map((name) => fieldName(channelOf(spec, name) ?? {}));
  return [...new Set(named)].filter((name) => name !== '' && name !== roles.category.field);
};

/** The rest in one category, added up apart for each colour and small chart. */
function otherRows(rest: readonly Row[], roles: Roles, apart: string[], name: string): Row[] {
  const sums = new Map<string, Row>();
  const measure = fieldName(roles.measure);
  for (const row of rest) {
    const key = JSON.stringify(apart.map((field) => row[field] ?? null));
    const sum = sums.get(key) ?? {
      ...Object.fromEntries(apart.map((field) => [field, row[field] ?? null])),
      [roles.category.field]: name,
      [measure]: 0,
    };
    sums.set(key, { ...sum, [measure]: Number(sum[measure]) + amount(row, roles.measure) });
  }
  return [...sums.values()];
}

interface Fewer {
  spec: Spec;
  rows: readonly Row[];
}

function topCategories(
  spec: Spec,
  rows: readonly Row[],
  notes: GuardNote[],
  otherName: (count: number) => string,
): Fewer {
  const roles = barRoles(spec, rows);
  if (!roles) return { spec, rows };
  const { field } = roles.category;
  const sizes = new Map<Json | undefined, number>();
  for (const row of rows)
    sizes.set(row[field], (sizes.get(row[field]) ?? 0) + amount(row, roles.measure));
  if (sizes.size <= MOST_CATEGORIES) return { spec, rows };
  const largest = [...sizes].sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  const kept = new Set(largest.slice(0, KEPT_CATEGORIES).map(([name]) => name));
  const shown = rows.filter((row) => kept.has(row[field]));
  const other = canAdd(roles.measure);
  notes.push({ kind: 'topCategories', shown: KEPT_CATEGORIES, count: sizes.size, other });
  if (!other) return { spec, rows: shown };
  const rest = rows.filter((row) => !kept.has(row[field]));
  const name = otherName(sizes.size - KEPT_CATEGORIES);
  // It is no category among others, however large it is.
  const drawn = [...shown, ...otherRows(rest, roles, splitBy(spec, roles), name)];
  const large = new Map([...sizes].filter(([one]) => kept.has(one)));
  const order = inOrder(roles.category, large, fieldName(roles.measure));
  if (!order) return { spec, rows: drawn };
  const axis = channelOf(spec, 'x')?.field === field ? 'x' : 'y';
  const sorted = { ...roles.category, sort: [...order, name] };
  return {
    spec: { ...spec, encoding: { ...(spec.encoding as Spec), [axis]: sorted } },
    rows: drawn,
  };
}

const VIEWS = ['layer', 'hconcat', 'vconcat', 'concat', 'spec'];
const CUTS = new Set(['zero', 'domain', 'domainMin']);

/** The channel with an axis from zero; a logarithm has no zero to start at. */
function fromZero(channel: Spec, rows: readonly Row[]): Spec {
  const { scale } = channel;
  if (!isSpec(scale) || scale.type === 'log' || !isMeasure(channel, rows)) return channel;
  const rest = Object.entries(scale).filter(([key]) => !CUTS.has(key));
  return { ...channel, scale: { ...Object.fromEntries(rest), zero: true } };
}

/** The length of a bar is its value only when its axis starts at zero. */
function barsFromZero(spec: Spec, rows: readonly Row[]): Spec {
  const inner = VIEWS.filter((key) => key in spec);
  if (inner.length > 0) {
    const made = { ...spec };
    for (const key of inner) {
      const part = spec[key];
      if (Array.isArray(part))
        made[key] = part.map((view) => (isSpec(view) ? barsFromZero(view, rows) : view));
      else if (isSpec(part)) made[key] = barsFromZero(part, rows);
    }
    return made;
  }
  const mark = markOf(spec);
  if ((mark !== 'bar' && mark !== 'area') || !isSpec(spec.encoding)) return spec;
  const encoding = { ...spec.encoding };
  for (const name of ['x', 'y']) {
    const channel = channelOf(spec, name);
    if (channel) encoding[name] = fromZero(channel, rows);
  }
  return { ...spec, encoding };
}

export interface GuardOptions {
  /** The reader asked for every category. */
  all: boolean;
  otherName: (count: number) => string;
}

/** The chart as it is drawn. The stored spec and rows stay as they are. */
export function guardChart(spec: Spec, rows: readonly Row[], options: GuardOptions): GuardedChart {
  const notes: GuardNote[] = [];
  const barred = pieToBar(spec, rows, notes);
  const honest = barsFromZero(barred, rows);
  const fewer = options.all
    ? { spec: honest, rows }
    : topCategories(honest, rows, notes, options.otherName);
  return { view: bestView(rows), ...fewer, notes };
}

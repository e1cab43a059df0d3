import type { Config } from 'vega-lite';
import type { Row } from './describe';
import type { Json, Spec } from './sanitise-spec';

/** Below this a chart is read on a phone: legends below, fewer ticks, slanted names. */
const NARROW = 480;
const HEIGHT = 300;
const PANEL = { least: 210, height: 170, around: 64 };
const LETTER_PX = 6.5;

const isSpec = (value: Json | undefined): value is Spec =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldOf = (channel: Json | undefined): string | null =>
  isSpec(channel) && typeof channel.field === 'string' ? channel.field : null;

const values = (rows: readonly Row[], field: string) => [
  ...new Set(rows.map((row) => JSON.stringify(row[field.replaceAll('\\', '')] ?? ''))),
];

/** Names along the bottom that would run into each other stand at an angle. */
function slanted(spec: Spec, rows: readonly Row[], width: number): boolean {
  const x = isSpec(spec.encoding) ? spec.encoding.x : undefined;
  const field = fieldOf(x);
  if (field === null || !isSpec(x) || (x.type !== 'nominal' && x.type !== 'ordinal')) return false;
  const names = values(rows, field);
  const longest = Math.max(0, ...names.map((name) => Math.min(name.length, 24)));
  return names.length > 1 && longest * LETTER_PX > (width - 70) / names.length;
}

/** How a chart is written on a wide and on a narrow page. */
export function layoutConfig(spec: Spec, rows: readonly Row[], width: number): Config {
  const narrow = width < NARROW;
  const angle = slanted(spec, rows, width) ? { labelAngle: -40, labelAlign: 'right' as const } : {};
  return {
    axis: { labelLimit: narrow ? 96 : 160, titleLimit: Math.max(120, width - 60) },
    axisX: { labelLimit: 96, ...angle },
    axisQuantitative: { tickCount: narrow ? 4 : 6 },
    legend: {
      orient: 'bottom',
      columns: Math.max(1, Math.floor(width / (narrow ? 130 : 150))),
      labelLimit: narrow ? 100 : 160,
      titleLimit: width - 40,
    },
    title: { limit: width - 8 },
    facet: { spacing: 14 },
    concat: { spacing: 18 },
  };
}

interface Panels {
  columns: number;
  width: number;
}

function panels(count: number, width: number, wanted = 3): Panels {
  const fit = Math.max(1, Math.floor(width / PANEL.least));
  const columns = Math.max(1, Math.min(fit, wanted, count));
  return { columns, width: Math.floor(width / columns - PANEL.around) };
}

/** Small charts of one kind, as many beside each other as are legible. */
function facetted(facet: Spec, rows: readonly Row[], width: number): Panels {
  const wanted = typeof facet.columns === 'number' ? facet.columns : 3;
  return panels(values(rows, fieldOf(facet) ?? '').length, width, wanted);
}

function unit(spec: Spec, rows: readonly Row[], width: number): Spec {
  const encoding = isSpec(spec.encoding) ? spec.encoding : {};
  const { facet, row, column } = encoding;
  if (isSpec(facet)) {
    const { columns, width: inner } = facetted(facet, rows, width);
    const small = { width: inner, height: PANEL.height };
    return { ...spec, ...small, encoding: { ...encoding, facet: { ...facet, columns } } };
  }
  const across = fieldOf(column) === null ? 1 : values(rows, fieldOf(column) ?? '').length;
  if (across > 1 || isSpec(row)) {
    const around = across > 1 ? 14 : PANEL.around;
    const inner = Math.max(90, Math.floor((width - 60) / across - around));
    return { ...spec, width: inner, height: isSpec(row) ? 120 : PANEL.height };
  }
  return { ...spec, width: Math.max(160, width), height: heightOf(spec, rows) };
}

const LEGEND_PX = 96;
const STEP = { least: 24, most: 52, together: 220 };

/** What stands below the marks and takes from the height: a legend, and an axis with its title. */
function below(encoding: Spec, rows: readonly Row[]): number {
  const field = fieldOf(encoding.color) ?? fieldOf(encoding.shape);
  if (field === null) return 0;
  const lines = Math.ceil(values(rows, field).length / 2);
  return LEGEND_PX + Math.min(4, Math.max(0, lines - 2)) * 18;
}

/** Height of a name's line. A few bars are thick: they fill what a drawing is given while it loads. */
function stepOf({ height }: Spec, count: number): number {
  if (isSpec(height) && typeof height.step === 'number') return height.step;
  return Math.min(STEP.most, Math.max(STEP.least, STEP.together / count));
}

/** Names down the side need a line each; a height by steps would have no end. */
function heightOf(spec: Spec, rows: readonly Row[]): number {
  const encoding = isSpec(spec.encoding) ? spec.encoding : {};
  const legend = below(encoding, rows);
  if (typeof spec.height === 'number') return Math.min(1200, spec.height + legend);
  const { y, yOffset } = encoding;
  const field = fieldOf(y);
  if (field === null || !isSpec(y) || (y.type !== 'nominal' && y.type !== 'ordinal'))
    return HEIGHT + legend / 2;
  const offset = fieldOf(yOffset);
  const bars = offset === null ? 1 : values(rows, offset).length * 0.6;
  const count = values(rows, field).length * Math.max(1, bars);
  const names = count * stepOf(spec, count);
  return Math.min(1200, Math.max(120, Math.round(names + 60 + legend)));
}

const isComposed = (spec: Spec) =>
  ['facet', 'repeat', 'concat', 'hconcat', 'vconcat'].some((key) => key in spec);

function children(list: Json | undefined, rows: readonly Row[], width: number): Json[] {
  return (Array.isArray(list) ? list : []).map((child) =>
    isSpec(child) ? laidOut(child, rows, width) : child,
  );
}

/** Views beside each other stand below each other where there is no room. */
function beside(spec: Spec, views: Json[], rows: readonly Row[], width: number): Spec {
  const each = Math.floor(width / Math.max(1, views.length));
  if (each >= PANEL.least) return { ...spec, hconcat: children(views, rows, each - PANEL.around) };
  const rest = Object.fromEntries(Object.entries(spec).filter(([key]) => key !== 'hconcat'));
  return { ...rest, vconcat: children(views, rows, width - 70) };
}

function concatenated(spec: Spec, rows: readonly Row[], width: number): Spec | null {
  const { hconcat, vconcat, concat } = spec;
  if (Array.isArray(hconcat)) return beside(spec, hconcat, rows, width);
  if (Array.isArray(vconcat)) return { ...spec, vconcat: children(vconcat, rows, width - 70) };
  if (!Array.isArray(concat)) return null;
  const { columns, width: each } = panels(concat.length, width, Number(spec.columns ?? 2));
  return { ...spec, columns, concat: children(concat, rows, each) };
}

/** One spec drawn many times: for each value, or for each column. */
function repeated(spec: Spec, rows: readonly Row[], width: number): Spec {
  const { repeat, facet, spec: inner } = spec;
  if (!isSpec(inner)) return spec;
  const byFacet = isSpec(facet) && typeof facet.field === 'string';
  const wanted = Number(spec.columns ?? 3);
  const { columns, width: each } = byFacet
    ? facetted({ ...facet, columns: wanted }, rows, width)
    : panels(Array.isArray(repeat) ? repeat.length : 3, width, wanted);
  const small = { ...laidOut(inner, rows, each), height: PANEL.height };
  return { ...spec, ...(byFacet || Array.isArray(repeat) ? { columns } : {}), spec: small };
}

function composed(spec: Spec, rows: readonly Row[], width: number): Spec {
  return concatenated(spec, rows, width) ?? repeated(spec, rows, width);
}

/** The spec with the sizes that fit a page. */
export function laidOut(spec: Spec, rows: readonly Row[], width: number): Spec {
  return isComposed(spec) ? composed(spec, rows, width) : unit(spec, rows, width);
}

/** Whether one set of axes fills the width, so that labels are taken from its size. */
export const fillsWidth = (spec: Spec): boolean => {
  const encoding = isSpec(spec.encoding) ? spec.encoding : {};
  return !isComposed(spec) && !['facet', 'row', 'column'].some((name) => name in encoding);
};

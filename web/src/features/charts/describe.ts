import type { Json, Row, Spec } from './spec';

export type { Row };

interface Field {
  field: string;
  title: string;
}

function fieldOf(spec: Spec, channel: string): Field | null {
  const encoding = spec.encoding as Record<string, Spec | undefined> | undefined;
  const definition = encoding?.[channel];
  if (typeof definition?.field !== 'string') return null;
  const title = typeof definition.title === 'string' ? definition.title : definition.field;
  return { field: definition.field, title };
}

export function markOf(spec: Spec): string {
  const { mark } = spec;
  if (typeof mark === 'string') return mark;
  return typeof mark === 'object' &&
    mark !== null &&
    !Array.isArray(mark) &&
    typeof mark.type === 'string'
    ? mark.type
    : 'layered';
}

const number = (value: number) =>
  new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value);

const label = (value: Json | undefined) =>
  value === null || value === undefined || typeof value === 'object' ? 'none' : String(value);

/** What is told apart, and what is measured: bars may lie on their sides. */
function roles(spec: Spec): [Field | null, Field | null] {
  const x = fieldOf(spec, 'x') ?? fieldOf(spec, 'color');
  const y = fieldOf(spec, 'y') ?? fieldOf(spec, 'theta');
  const lies = typeOf(spec, 'x') === 'quantitative' && typeOf(spec, 'y') !== 'quantitative';
  return lies && y !== null ? [y, x] : [x, y];
}

function typeOf(spec: Spec, channel: string): unknown {
  const encoding = spec.encoding as Record<string, Spec | undefined> | undefined;
  return encoding?.[channel]?.type;
}

/** Whether the points come one after the other, so that the last one is the newest. */
function isTime(spec: Spec): boolean {
  return typeOf(spec, 'x') === 'temporal';
}

/** What a sighted reader takes from the chart at a glance, as a sentence made from its data. */
export function describeChart(spec: Spec, rows: readonly Row[]): string {
  const [x, y] = roles(spec);
  const mark = markOf(spec);
  const name = `${mark.charAt(0).toUpperCase()}${mark.slice(1)} chart`;
  if (!x || !y) return `${name}, ${rows.length.toString()} rows.`;
  const points = rows
    .map((row) => ({ at: label(row[x.field]), value: row[y.field] }))
    .filter((point): point is { at: string; value: number } => typeof point.value === 'number');
  const head = `${name}, ${y.title} by ${x.title}, ${rows.length.toString()} points`;
  const [first] = points;
  if (!first) return `${head}.`;
  const lowest = points.reduce((best, next) => (next.value < best.value ? next : best), first);
  const highest = points.reduce((best, next) => (next.value > best.value ? next : best), first);
  const ends = `lowest ${lowest.at} ${number(lowest.value)}, highest ${highest.at} ${number(highest.value)}`;
  const last = points.at(-1);
  return points.length > 2 && last && isTime(spec)
    ? `${head}, ${ends}, last ${last.at} ${number(last.value)}.`
    : `${head}, ${ends}.`;
}

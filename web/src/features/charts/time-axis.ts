import type { Row } from './describe';
import type { Spec } from './sanitise-spec';

const LABEL_PX = 40;

type Fields = Record<string, Spec[string] | undefined>;

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/**
 * Short labels whose year stands below the first one and below each January, so that it is seen
 * however many labels there is room for.
 */
const LABELS = `[
  hours(datum.value) || minutes(datum.value) ? timeFormat(datum.value, '%H:%M')
    : date(datum.value) == 1 ? timeFormat(datum.value, '%b') : timeFormat(datum.value, '%e %b'),
  datum.index == 0 || (month(datum.value) == 0 && date(datum.value) == 1 && !hours(datum.value))
    ? timeFormat(datum.value, '%Y') : '']`;

function isYearly(rows: readonly Row[], field: string): boolean {
  return rows.every(({ [field]: day }) => typeof day === 'string' && /^\d{4}-01-01\b/.test(day));
}

/** A tick each month, quarter, half or whole year, as there is room; so that no January is lost. */
function monthTicks(rows: readonly Row[], field: string, width: number): Spec {
  const days = rows.map(({ [field]: day }) => (typeof day === 'string' ? Date.parse(day) : NaN));
  const known = days.filter((day) => !Number.isNaN(day));
  const months = (Math.max(...known) - Math.min(...known)) / (30.44 * 86_400_000);
  if (known.length === 0 || months < 3) return {};
  const room = Math.max(1, (width - 100) / LABEL_PX);
  const step = [1, 3, 6].find((each) => months / each <= room);
  const interval = step === undefined ? 'year' : { interval: 'month', step };
  return { tickCount: interval };
}

/** The spec with labels for a time axis, unless it brings its own or its rows are years. */
export function withTimeLabels(spec: Spec, rows: readonly Row[], width: number): Spec {
  const { x } = fields(spec.encoding);
  const { field, type, timeUnit, axis } = fields(x);
  const ours = type === 'temporal' && timeUnit === undefined && axis !== null;
  if (!ours || typeof field !== 'string') return spec;
  const own = fields(axis);
  if ('format' in own || 'labelExpr' in own) return spec;
  const labels: Spec = isYearly(rows, field)
    ? { format: '%Y' }
    : { labelExpr: LABELS, ...monthTicks(rows, field, width) };
  const encoding = { ...fields(spec.encoding), x: { ...fields(x), axis: { ...own, ...labels } } };
  return { ...spec, encoding } as Spec;
}

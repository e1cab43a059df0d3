import type { Row } from './describe';
import type { Json, Spec } from './sanitise-spec';

const DAY = 86_400_000;
/** Periods that rows come in, with the least and most days from one to the next. */
const PERIODS = [
  { least: 0.9, most: 1.1, months: 0, days: 1 },
  { least: 6.9, most: 7.1, months: 0, days: 7 },
  { least: 27, most: 32, months: 1, days: 0 },
  { least: 88, most: 93, months: 3, days: 0 },
  { least: 364, most: 367, months: 12, days: 0 },
] as const;
const MOST_MISSING = 400;

const isSpec = (value: Json | undefined): value is Spec =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: Json | undefined) => (typeof value === 'string' ? value : '');

function channel(spec: Spec, name: string): Spec {
  const found = isSpec(spec.encoding) ? spec.encoding[name] : undefined;
  return isSpec(found) ? found : {};
}

function after(day: number, period: (typeof PERIODS)[number]): number {
  const date = new Date(day);
  date.setUTCMonth(date.getUTCMonth() + period.months);
  return date.getTime() + period.days * DAY;
}

/** The moments of a regular series that no row has. */
function missing(moments: readonly number[]): number[] {
  const steps = moments.slice(1).map((moment, at) => (moment - (moments[at] ?? 0)) / DAY);
  const usual = [...steps].sort((a, b) => a - b)[Math.floor((steps.length - 1) / 2)] ?? 0;
  const period = PERIODS.find(({ least, most }) => usual >= least && usual <= most);
  if (!period) return [];
  const made: number[] = [];
  moments.slice(0, -1).forEach((moment, at) => {
    const next = moments[at + 1] ?? moment;
    // Half a period of grace: months and summer time are not equally long.
    const near = next - (after(moment, period) - moment) / 2;
    let day = after(moment, period);
    while (day < near && made.length < MOST_MISSING) {
      made.push(day);
      day = after(day, period);
    }
  });
  return made;
}

interface Line {
  time: string;
  value: string;
  /** Columns that tell lines apart. */
  split: string[];
}

/** What a line chart draws over time; null for charts of another kind. */
function lineOf(spec: Spec): Line | null {
  const [x, y] = [channel(spec, 'x'), channel(spec, 'y')];
  const [time, value] = [text(x.field), text(y.field)];
  const plain = [x.timeUnit, y.aggregate, spec.transform].every((part) => part === undefined);
  const mark = isSpec(spec.mark) ? spec.mark.type : spec.mark;
  const lines = mark === 'line' || mark === 'area';
  if (!lines || !plain || x.type !== 'temporal' || !time || !value) return null;
  const split = ['color', 'detail', 'strokeDash', 'facet', 'row', 'column']
    .map((name) => text(channel(spec, name).field))
    .filter(Boolean);
  return { time, value, split };
}

function bySeries(rows: readonly Row[], split: readonly string[]): Iterable<Row[]> {
  const series = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(split.map((name) => row[name]));
    const known = series.get(key);
    if (known) known.push(row);
    else series.set(key, [row]);
  }
  return series.values();
}

/**
 * A line is broken where a period has no row: drawn through, a month that is missing would look like
 * a month that was measured. Returns the rows themselves when nothing is missing.
 */
export function withGaps(spec: Spec, rows: readonly Row[]): { rows: readonly Row[]; gaps: number } {
  const line = lineOf(spec);
  if (!line) return { rows, gaps: 0 };
  const { time, value, split } = line;
  const added: Row[] = [];
  for (const own of bySeries(rows, split)) {
    const known = own.map((row) => Date.parse(text(row[time]))).filter((day) => !isNaN(day));
    const moments = [...new Set(known)].sort((a, b) => a - b);
    const short = own.every((row) => text(row[time]).length <= 10);
    for (const day of missing(moments)) {
      const moment = new Date(day).toISOString();
      added.push({ ...own[0], [time]: short ? moment.slice(0, 10) : moment, [value]: null });
    }
  }
  return added.length === 0 ? { rows, gaps: 0 } : { rows: [...rows, ...added], gaps: added.length };
}

import type { Row } from './describe';
import type { Json, Spec } from './sanitise-spec';

/** What the edit form can change; the rest of the spec stays as it is. */
export interface ChartForm {
  mark: string;
  x: string;
  y: string;
  /** Empty: no colour channel. */
  color: string;
  /** Empty: as the data is ordered. */
  sort: '' | 'ascending' | 'descending' | 'y' | '-y';
}

export const FORM_MARKS = ['bar', 'line', 'area', 'point', 'arc'] as const;
export const SORTS = ['', 'ascending', 'descending', 'y', '-y'] as const;

const isSpec = (value: Json | undefined): value is Spec =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const channel = (spec: Spec, name: string): Spec => {
  const encoding = isSpec(spec.encoding) ? spec.encoding : {};
  const found = encoding[name];
  return isSpec(found) ? found : {};
};

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** Null for charts the form cannot describe: layers, facets, repeated views. */
export function readForm(spec: Spec): ChartForm | null {
  const mark = isSpec(spec.mark) ? textOf(spec.mark.type) : textOf(spec.mark);
  if (mark === '' || !isSpec(spec.encoding)) return null;
  const [x, y] = mark === 'arc' ? ['color', 'theta'] : ['x', 'y'];
  const sort = textOf(channel(spec, x).sort);
  return {
    mark,
    x: textOf(channel(spec, x).field),
    y: textOf(channel(spec, y).field),
    color: mark === 'arc' ? '' : textOf(channel(spec, 'color').field),
    sort: SORTS.find((option) => option === sort) ?? '',
  };
}

const DATE = /^\d{4}-\d{2}-\d{2}/;

/** How Vega-Lite should read a column, from its first value that is there. */
export function fieldType(rows: readonly Row[], field: string): string {
  const value = rows.find((row) => row[field] !== null && row[field] !== undefined)?.[field];
  if (typeof value === 'number') return 'quantitative';
  return typeof value === 'string' && DATE.test(value) ? 'temporal' : 'nominal';
}

/** Keeps format, aggregate and title of a channel that still shows the same column. */
function putChannel(before: Spec, field: string, rows: readonly Row[]): Spec {
  return before.field === field ? before : { field, type: fieldType(rows, field) };
}

/** The record without some of its keys. */
function without(record: Spec, ...keys: string[]): Spec {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

function withSort(definition: Spec, sort: ChartForm['sort']): Spec {
  const rest = without(definition, 'sort');
  return sort === '' ? rest : { ...rest, sort };
}

/** The spec with the form's choices in it. */
export function applyForm(spec: Spec, form: ChartForm, rows: readonly Row[]): Spec {
  const wasPie = readForm(spec)?.mark === 'arc';
  const x = withSort(putChannel(channel(spec, wasPie ? 'color' : 'x'), form.x, rows), form.sort);
  const y = putChannel(channel(spec, wasPie ? 'theta' : 'y'), form.y, rows);
  const encoding = without(isSpec(spec.encoding) ? spec.encoding : {}, 'x', 'y', 'theta', 'color');
  if (form.mark === 'arc') Object.assign(encoding, { color: x, theta: y });
  else Object.assign(encoding, { x, y });
  if (form.mark !== 'arc' && form.color !== '')
    encoding.color = putChannel(channel(spec, 'color'), form.color, rows);
  const mark = isSpec(spec.mark) ? { ...spec.mark, type: form.mark } : form.mark;
  return { ...spec, mark, encoding };
}

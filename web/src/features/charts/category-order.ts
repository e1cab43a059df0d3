import type { Json, Spec } from './sanitise-spec';

const nameOf = (name: Json) => (typeof name === 'string' ? name : JSON.stringify(name));

const byName = (a: Json, b: Json): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [nameOf(a), nameOf(b)];
  return left < right ? -1 : Number(left > right);
};

const AXES = new Set<Json | undefined>(['x', 'y']);

type Way = 1 | -1;

/** Which way a channel is sorted by what is measured; null when it is sorted by something else. */
function bySize(sort: Json | undefined, measure: string): Way | null {
  if (typeof sort === 'string') {
    const at = /^(-?)[xy]$/.exec(sort);
    return at ? (at[1] === '-' ? -1 : 1) : null;
  }
  if (typeof sort !== 'object' || sort === null || Array.isArray(sort)) return null;
  if (sort.field !== measure && !AXES.has(sort.encoding)) return null;
  return sort.order === 'descending' ? -1 : 1;
}

/**
 * The categories of a chart in the order that its spec asks for, as a list; null when that depends
 * on more than their names and sizes.
 *
 * @param category The channel that names them.
 * @param sizes What is measured of each, in the order of the rows.
 * @param measure The column that is measured.
 */
export function inOrder(
  category: Spec,
  sizes: ReadonlyMap<Json | undefined, number>,
  measure: string,
): Json[] | null {
  const { sort } = category;
  const names = [...sizes.keys()].map((name) => name ?? null);
  if (sort === null) return names;
  if (Array.isArray(sort)) {
    const first = sort.filter((name) => sizes.has(name));
    return [...first, ...names.filter((name) => !first.includes(name))];
  }
  const way = bySize(sort, measure);
  if (way !== null) return names.sort((a, b) => way * ((sizes.get(a) ?? 0) - (sizes.get(b) ?? 0)));
  if (sort !== undefined && sort !== 'ascending' && sort !== 'descending') return null;
  return names.sort((a, b) => (sort === 'descending' ? -1 : 1) * byName(a, b));
}

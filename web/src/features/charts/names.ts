import type { Json, Row, Spec } from './spec';

/**
 * Vega-Lite writes column names into expressions and paths without quoting them well: a quote in a
 * name breaks the chart, or becomes part of an expression. Such names are drawn under a name that
 * looks the same.
 */
const AWKWARD = /['"\\\p{Cc}\u2028\u2029]/u;
const LOOKALIKES: Record<string, string> = { "'": '’', '"': '”', '\\': '＼' };
const NO_BREAK = '\u00a0';

const isAwkward = (name: string) => name === '' || AWKWARD.test(name) || name in Object.prototype;

/** Words as an expression can hold them. */
export const plainWords = (text: string): string =>
  text.replace(/['"\\\p{Cc}\u2028\u2029]/gu, (sign) => LOOKALIKES[sign] ?? ' ');

function aliases(names: readonly string[]): Map<string, string> {
  const taken = new Set(names);
  const made = new Map<string, string>();
  for (const name of names.filter(isAwkward)) {
    let alias = plainWords(name);
    while (alias === '' || taken.has(alias) || alias in Object.prototype) alias += NO_BREAK;
    taken.add(alias);
    made.set(name, alias);
  }
  return made;
}

const FIELDS = new Set(['field', 'groupby', 'fold', 'stack', 'argmin', 'argmax', 'repeat']);
const unescaped = (path: string) => path.replace(/\\([.[\]'"\\])/g, '$1');
const escaped = (name: string) => name.replace(/[.[\]]/g, '\\$&');

function renamed(node: Json, known: Map<string, string>, named: boolean): Json {
  if (typeof node === 'string') {
    const alias = named ? (known.get(node) ?? known.get(unescaped(node))) : undefined;
    return alias === undefined ? node : escaped(alias);
  }
  if (Array.isArray(node)) return node.map((item) => renamed(item, known, named));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      // Lists of columns stand one level deeper in { repeat: { row: […] } }.
      const inner = FIELDS.has(key) || (named && ['row', 'column', 'layer'].includes(key));
      return [key, renamed(value, known, inner)];
    }),
  );
}

/** The spec and rows with names that Vega-Lite can handle; the same objects when all are. */
export function withPlainNames(
  spec: Spec,
  rows: readonly Row[],
): { spec: Spec; rows: readonly Row[] } {
  const known = aliases(Object.keys(rows[0] ?? {}));
  if (known.size === 0) return { spec, rows };
  return {
    spec: renamed(spec, known, false) as Spec,
    rows: rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, cell]) => [known.get(name) ?? name, cell]),
      ),
    ),
  };
}

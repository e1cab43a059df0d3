import type { JsonSchema } from '@/api/types';

export type FieldKind =
  'text' | 'long' | 'sql' | 'integer' | 'number' | 'boolean' | 'enum' | 'json';

/** One argument as a form shows it. */
export interface ArgField {
  name: string;
  label: string;
  help: string | undefined;
  kind: FieldKind;
  required: boolean;
  /** May be null. */
  nullable: boolean;
  options: readonly unknown[];
}

const LONG = 80;
const SQL_NAMES = /^(sql|statement|query|condition|where)$/i;

function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const name = schema.$ref?.split('/').at(-1);
  const found = name === undefined ? undefined : root.$defs?.[name];
  return found ? { ...schema, ...found } : schema;
}

/** The one schema behind `X or nothing`, and whether nothing is allowed. */
function unwrap(given: JsonSchema, root: JsonSchema): { schema: JsonSchema; nullable: boolean } {
  const schema = resolve(given, root);
  const options = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== 'null');
    const nullable = types.length < schema.type.length;
    const only = types[0];
    return {
      schema: types.length === 1 && only !== undefined ? { ...schema, type: only } : {},
      nullable,
    };
  }
  if (!options) return { schema, nullable: schema.type === 'null' };
  const real = options.filter(({ type }) => type !== 'null');
  const nullable = real.length < options.length;
  const [only] = real;
  if (real.length !== 1 || !only) return { schema: {}, nullable };
  return { schema: { ...schema, ...resolve(only, root) }, nullable };
}

const PLAIN = new Set(['boolean', 'integer', 'number']);

function textKind(name: string, schema: JsonSchema, value: unknown): FieldKind {
  if (SQL_NAMES.test(name) || schema.contentMediaType === 'application/sql') return 'sql';
  const text = typeof value === 'string' ? value : '';
  return text.includes('\n') || text.length > LONG ? 'long' : 'text';
}

function kindOf(name: string, schema: JsonSchema, value: unknown): FieldKind {
  if (schema.enum) return 'enum';
  if (schema.type === 'string') return textKind(name, schema, value);
  return PLAIN.has(String(schema.type)) ? (schema.type as FieldKind) : 'json';
}

const SHORT = new Set(['api', 'csv', 'html', 'http', 'id', 'json', 'sql', 'uri', 'url']);

/** A name as words: `source_id` is "Source", `sql` is "SQL". */
export const words = (name: string): string => {
  const found = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[_\s]+/);
  if (found.length > 1 && found.at(-1) === 'id') found.pop();
  const spaced = found.map((word) => (SHORT.has(word) ? word.toUpperCase() : word)).join(' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
};

const letters = (text: string) => text.replace(/[_\s]/g, '').toLowerCase();

/** Some makers of schemas title every field with its own name; that says nothing. */
const labelOf = (name: string, title: string | undefined): string =>
  title === undefined || letters(title) === letters(name) ? words(name) : title;

/** What a schema is guessed to be where a graph gave none: types must stay what they were. */
function guessed(value: unknown): JsonSchema {
  if (typeof value === 'string') return { type: 'string' };
  if (typeof value === 'boolean') return { type: 'boolean' };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'integer' : 'number' };
  return {};
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of an action's arguments; null where they are no object and only JSON will do. */
export function argFields(schema: JsonSchema | null, args: unknown): ArgField[] | null {
  if (!isObject(args)) return null;
  const properties = schema?.properties ?? {};
  const names = [...new Set([...Object.keys(properties), ...Object.keys(args)])];
  return names.map((name) => {
    const given = properties[name] ?? guessed(args[name]);
    const { schema: own, nullable } = unwrap(given, schema ?? {});
    return {
      name,
      label: labelOf(name, own.title ?? given.title),
      help: given.description ?? own.description,
      kind: kindOf(name, own, args[name]),
      required: schema?.required?.includes(name) ?? name in args,
      nullable,
      options: own.enum ?? [],
    };
  });
}

/** What a field shows for a value. */
export function fieldText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

export type Parsed = { ok: true; value: unknown } | { ok: false };

const INTEGER = /^[+-]?\d+$/;

function parseNumber(text: string, integer: boolean): Parsed {
  const value = Number(text);
  const fits = integer ? INTEGER.test(text) && Number.isSafeInteger(value) : Number.isFinite(value);
  return fits ? { ok: true, value } : { ok: false };
}

const WORDS: ReadonlySet<FieldKind> = new Set(['text', 'long', 'sql']);

/** What an emptied field stands for: null where that is allowed, else its absence. */
function emptied({ nullable, required }: ArgField): Parsed {
  if (nullable) return { ok: true, value: null };
  return required ? { ok: false } : { ok: true, value: undefined };
}

/** The value that a field's text stands for, of the type it must have. */
export function fieldValue(field: ArgField, text: string): Parsed {
  const { kind } = field;
  if (WORDS.has(kind))
    return text === '' && field.nullable ? emptied(field) : { ok: true, value: text };
  const trimmed = text.trim();
  if (trimmed === '') return emptied(field);
  if (kind !== 'json') return parseNumber(trimmed, kind === 'integer');
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false };
  }
}

export interface Change {
  path: string;
  before: unknown;
  after: unknown;
}

/** Every leaf that differs; what is absent is `undefined`. */
export function changes(before: unknown, after: unknown, path = ''): Change[] {
  if (isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) =>
      changes(before[name], after[name], path === '' ? name : `${path}.${name}`),
    );
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

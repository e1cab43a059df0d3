import { expect, test } from 'vitest';
import { argFields, changes, fieldValue, type ArgField } from './schema-fields';

const schema = {
  type: 'object',
  properties: {
    sql: { type: 'string' },
    limit: { anyOf: [{ type: 'integer' }, { type: 'null' }], title: 'Row limit' },
    mode: { $ref: '#/$defs/Mode' },
    dry: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['sql', 'mode'],
  $defs: { Mode: { type: 'string', enum: ['fast', 'safe'] } },
};

const args = { sql: 'delete from t', mode: 'fast', dry: true, tags: ['a'], note: 'x', limit: 3 };

const field = (kind: ArgField['kind'], more: Partial<ArgField> = {}): ArgField => ({
  name: 'f',
  label: 'F',
  help: undefined,
  kind,
  required: true,
  nullable: false,
  options: [],
  ...more,
});

test('a schema becomes typed fields, and arguments it does not know keep their own type', () => {
  const fields = argFields(schema, args) ?? [];
  expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
    ['sql', 'sql'],
    ['limit', 'integer'],
    ['mode', 'enum'],
    ['dry', 'boolean'],
    ['tags', 'json'],
    ['note', 'text'],
  ]);
  expect(fields[1]).toMatchObject({ label: 'Row limit', nullable: true, required: false });
  expect(fields[2]?.options).toEqual(['fast', 'safe']);
});

test('labels are words that people use, unless the schema has better ones', () => {
  const named = {
    properties: { source_id: { title: 'Source Id' }, sql: { title: 'Sql' }, id: { title: 'Id' } },
  };
  const labels = (argFields(named, { callbackUrl: 'x', most_rows: 1 }) ?? []).map(
    ({ label }) => label,
  );
  expect(labels).toEqual(['Source', 'SQL', 'ID', 'Callback URL', 'Most rows']);
});

test('arguments that are no object are left to JSON', () => {
  expect(argFields(null, ['a'])).toBeNull();
});

test('types are kept: a number stays a number, nothing stays nothing', () => {
  expect(fieldValue(field('integer'), '12')).toEqual({ ok: true, value: 12 });
  expect(fieldValue(field('integer'), '1.5')).toEqual({ ok: false });
  expect(fieldValue(field('integer'), '9007199254740993')).toEqual({ ok: false });
  expect(fieldValue(field('number'), '1.5')).toEqual({ ok: true, value: 1.5 });
  expect(fieldValue(field('integer', { nullable: true }), '')).toEqual({ ok: true, value: null });
  expect(fieldValue(field('integer'), '')).toEqual({ ok: false });
  expect(fieldValue(field('text'), '12')).toEqual({ ok: true, value: '12' });
  expect(fieldValue(field('json'), '{"a":[1]}')).toEqual({ ok: true, value: { a: [1] } });
  expect(fieldValue(field('json'), '{')).toEqual({ ok: false });
});

test('a diff names each leaf that changed, came or went', () => {
  expect(changes({ a: { b: 1, c: 2 }, d: [1] }, { a: { b: 1, c: 3 }, d: [1], e: null })).toEqual([
    { path: 'a.c', before: 2, after: 3 },
    { path: 'e', before: undefined, after: null },
  ]);
  expect(changes({ a: 1 }, { a: 1 })).toEqual([]);
});

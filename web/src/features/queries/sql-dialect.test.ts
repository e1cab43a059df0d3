import { EditorState } from '@codemirror/state';
import { sql } from '@codemirror/lang-sql';
import { ensureSyntaxTree } from '@codemirror/language';
import { expect, test } from 'vitest';
import type { Engine } from '@/api/types';
import { dialectOf } from './sql-dialect';

/** What the editor takes the text for: the names of its parts. */
function parts(engine: Engine, doc: string): string[] {
  const state = EditorState.create({ doc, extensions: sql({ dialect: dialectOf(engine) }) });
  const found: string[] = [];
  ensureSyntaxTree(state, doc.length, 5000)?.iterate({
    enter: ({ name, from, to }) => {
      if (doc.slice(from, to) === doc) found.push(name);
    },
  });
  return found;
}

test('a name in backticks is a name where the engine reads it so', () => {
  expect(parts('mysql', '`order`')).toContain('QuotedIdentifier');
  expect(parts('bigquery', '`order`')).toContain('QuotedIdentifier');
  expect(parts('clickhouse', '`order`')).toContain('QuotedIdentifier');
  expect(parts('postgresql', '`order`')).not.toContain('QuotedIdentifier');
});

test('double quotes hold a text or a name, as the engine has it', () => {
  expect(parts('bigquery', '"north"')).toContain('String');
  expect(parts('trino', '"north"')).toContain('QuotedIdentifier');
  expect(parts('snowflake', '"north"')).toContain('QuotedIdentifier');
});

test('words of one engine are no words of another', () => {
  expect(parts('sqlserver', 'nvarchar')).toContain('Type');
  expect(parts('postgresql', 'nvarchar')).not.toContain('Type');
});

import { expect, test } from 'vitest';
import { formatMessage } from './message-format';

const ROWS = '{count, plural, =0 {no rows} one {# row} other {# rows}} in {table}';

test('fills names and writes numbers in the locale', () => {
  expect(formatMessage('{n} of {what}', 'en', { n: 184233, what: 'orders' })).toBe(
    '184,233 of orders',
  );
});

test('chooses the plural form, an exact count first', () => {
  const say = (count: number) => formatMessage(ROWS, 'en', { count, table: 'orders' });
  expect([say(0), say(1), say(2000)]).toEqual([
    'no rows in orders',
    '1 row in orders',
    '2,000 rows in orders',
  ]);
});

test('uses the plural rules of the language', () => {
  const text = '{n, plural, one {# ligne} other {# lignes}}';
  expect(formatMessage(text, 'fr', { n: 0 })).toBe('0 ligne');
  expect(formatMessage(text, 'fr', { n: 2 })).toBe('2 lignes');
});

test('chooses by word and nests', () => {
  const text = '{kind, select, file {file {name}} other {{n, plural, one {it} other {them #}}}}';
  expect(formatMessage(text, 'en', { kind: 'file', name: 'a.csv' })).toBe('file a.csv');
  expect(formatMessage(text, 'en', { kind: 'x', n: 3 })).toBe('them 3');
});

import { expect, test } from 'vitest';
import { isPort, isPrice, safeNext } from './checks';

test.each([
  ['/sources?x=1#y', '/sources?x=1#y'],
  ['//evil.example/x', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  [undefined, '/'],
])('after sign-in %s leads to %s', (next, expected) => {
  expect(safeNext(next)).toBe(expected);
});

test('ports and prices', () => {
  expect(['0', '1', '65535', '65536', '1.5', ''].map(isPort)).toEqual([
    false,
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(['', '0', '1.25', '-1', 'x', ' '].map(isPrice)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

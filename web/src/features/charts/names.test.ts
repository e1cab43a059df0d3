import { describe, expect, it } from 'vitest';
import { plainWords, withPlainNames } from './names';
import type { Spec } from './sanitise-spec';

const over = (field: string): Spec => ({
  mark: 'bar',
  encoding: {
    x: { field, sort: { field, op: 'sum' }, title: field },
    y: { aggregate: { argmax: field } },
  },
  transform: [{ fold: [field], as: ['k', 'v'] }, { filter: { field: 'k', equal: field } }],
});

describe('withPlainNames', () => {
  it('leaves ordinary charts as they are', () => {
    const [spec, rows] = [over('net revenue'), [{ 'net revenue': 1 }]];
    expect(withPlainNames(spec, rows)).toEqual({ spec, rows });
    expect(withPlainNames(spec, rows).spec).toBe(spec);
  });

  it.each([
    ["it's", 'it’s'],
    ['say "x"', 'say ”x”'],
    ['" + alert(1) + "', '” + alert(1) + ”'],
    ['a\\b', 'a＼b'],
    ['two\nlines', 'two lines'],
    ['toString', 'toString\u00a0'],
    ['', '\u00a0'],
  ])('draws %j under a name that looks the same', (name, alias) => {
    const { spec, rows } = withPlainNames(over(name), [{ [name]: 1 }]);
    expect(rows).toEqual([{ [alias]: 1 }]);
    expect(spec.encoding).toEqual({
      x: { field: alias, sort: { field: alias, op: 'sum' }, title: name },
      y: { aggregate: { argmax: alias } },
    });
    expect(spec.transform).toEqual([
      { fold: [alias], as: ['k', 'v'] },
      { filter: { field: 'k', equal: name } },
    ]);
  });

  it('keeps names apart that would look the same', () => {
    const { rows } = withPlainNames({ mark: 'bar' }, [{ "it's": 1, 'it’s': 2 }]);
    expect(rows).toEqual([{ 'it’s\u00a0': 1, 'it’s': 2 }]);
  });

  it('follows escaped paths', () => {
    const { spec } = withPlainNames({ mark: 'bar', encoding: { x: { field: "a\\.b's" } } }, [
      { "a.b's": 1 },
    ]);
    expect(spec.encoding).toEqual({ x: { field: 'a\\.b’s' } });
  });
});

it('makes words that an expression can hold', () => {
  expect(plainWords('the "best"\tof\\all')).toBe('the ”best” of＼all');
});

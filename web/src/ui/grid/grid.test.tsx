import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Cell, Column } from '@/api/types';
import { toJson, toMarkdown, toTsv } from './cells';
import { sortedIndexes, summarise } from './compare';
import { addDecimals, decimalText, divideDecimal, parseDecimal } from './decimal';
import { Grid } from './grid';
import { ResultGrid } from './result-grid';
import { columnSpan, indexes, offsets, rowSpan } from './window';

const BIG = '9007199254740993';

const columns: Column[] = [
  { name: 'id', type: 'int64' },
  { name: 'name', type: 'string' },
  { name: 'amount', type: 'decimal' },
];
const data: Cell[][] = [
  [BIG, '10', '9'],
  ['Ada', '', null],
  ['0.10', '0.20', '12345678901234567890.01'],
];

function show(rows = 3) {
  const user = userEvent.setup();
  const many = data.map((column) =>
    Array.from({ length: rows }, (_, row) => column[row % 3] ?? null),
  );
  render(<ResultGrid label="Orders" columns={columns} data={many} rowCount={rows} />);
  return user;
}

const active = () => {
  const { row, column } = (document.activeElement as HTMLElement).dataset;
  return `${row ?? '?'},${column ?? '?'}`;
};

describe('keyboard', () => {
  it('is one tab stop, and arrows, Home and End move inside', async () => {
    const user = show();
    await user.tab();
    expect(active()).toBe('0,0');
    await user.keyboard('{ArrowRight}{ArrowDown}');
    expect(active()).toBe('1,1');
    await user.keyboard('{End}');
    expect(active()).toBe('1,2');
    await user.keyboard('{Home}{Control>}{End}{/Control}');
    expect(active()).toBe('2,2');
    await user.keyboard('{Control>}{Home}{/Control}');
    expect(active()).toBe('0,0');
    await user.keyboard('{ArrowUp}');
    expect(active()).toBe('-1,0');
    expect(screen.getByRole('grid').querySelectorAll('[tabindex="0"]')).toHaveLength(1);
  });

  it('copies the selected rectangle as TSV, with NULL empty and the empty string quoted', async () => {
    const user = show();
    await user.tab();
    await user.keyboard('{Shift>}{ArrowDown}{ArrowDown}{ArrowRight}{/Shift}{Control>}c{/Control}');
    await waitFor(async () => {
      expect(await navigator.clipboard.readText()).toBe(`${BIG}\tAda\n10\t""\n9\t`);
    });
    expect(screen.getByText(/6 cells copied/)).toBeTruthy();
  });

  it('sorts by the header under the focus, numbers as numbers', async () => {
    const user = show();
    await user.tab();
    await user.keyboard('{ArrowUp}{Enter}');
    const ids = () =>
      screen
        .getAllByRole('gridcell')
        .filter((cell) => cell.dataset.column === '0')
        .map((cell) => cell.textContent);
    expect(ids()).toEqual(['9', '10', BIG]);
    expect(screen.getByRole('columnheader', { name: /id/ }).getAttribute('aria-sort')).toBe(
      'ascending',
    );
    await user.keyboard('{Enter}');
    expect(ids()).toEqual([BIG, '10', '9']);
  });

  it('opens the whole cell with Enter and comes back to it with Escape', async () => {
    const user = show();
    await user.tab();
    await user.keyboard('{Enter}');
    expect(screen.getByRole('group', { name: 'id, row 1' }).textContent).toContain(BIG);
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('group')).toBeNull();
    expect(active()).toBe('0,0');
  });

  it('sums a selection exactly', async () => {
    const user = show();
    await user.tab();
    await user.keyboard('{End}{Shift>}{ArrowDown}{ArrowDown}{/Shift}');
    expect(screen.getByRole('status').textContent).toContain('Sum 12345678901234567890.31');
  });
});

describe('what is in the page', () => {
  it('says how many rows and columns there are, and draws only those in view', () => {
    show(10_000);
    const grid = screen.getByRole('grid', { name: 'Orders' });
    expect(grid.getAttribute('aria-rowcount')).toBe('10001');
    expect(grid.getAttribute('aria-colcount')).toBe('4');
    expect(screen.getAllByRole('row').length).toBeLessThan(60);
    grid.scrollTop = 36 * 5000;
    fireEvent.scroll(grid);
    expect(grid.querySelector('[aria-rowindex="5002"]')).not.toBeNull();
    expect(screen.getAllByRole('row').length).toBeLessThan(60);
  });

  it('tells NULL from the empty string', () => {
    show();
    expect(screen.getByText('NULL').tagName).toBe('I');
    expect(screen.getByText('""')).toBeTruthy();
  });
});

describe('exactness', () => {
  it('orders 64-bit integers that a float cannot tell apart', () => {
    const values = ['9007199254740993', '9007199254740992', '-1', '10', null, '9'];
    expect(sortedIndexes('int64', values, 'asc').map((row) => values[row])).toEqual([
      ...['-1', '9', '10', '9007199254740992', '9007199254740993', null],
    ]);
    expect(sortedIndexes('int64', values, 'desc').at(-1)).toBe(4);
  });

  it.each([
    ['0.1', '0.2', '0.3'],
    ['9223372036854775807', '1', '9223372036854775808'],
    ['-0.05', '0.05', '0'],
    ['1e3', '2.5E-1', '1000.25'],
  ])('adds %s and %s to %s', (left, right, sum) => {
    const [a, b] = [parseDecimal(left), parseDecimal(right)];
    if (!a || !b) throw new Error('not a number');
    expect(decimalText(addDecimals(a, b))).toBe(sum);
  });

  it('divides with rounding away from zero', () => {
    const divide = (text: string, by: number) => {
      const value = parseDecimal(text);
      return value ? decimalText(divideDecimal(value, by)) : null;
    };
    expect(divide('1', 3)).toBe('0.333333');
    expect(divide('-2', 3)).toBe('-0.666667');
    expect(divide('10', 4)).toBe('2.5');
  });

  it('gives a count alone when something in the selection is no number', () => {
    expect(
      summarise([
        ['float64', 'NaN'],
        ['float64', 2],
      ]),
    ).toEqual({ count: 2 });
    expect(
      summarise([
        ['string', '1'],
        ['int64', null],
      ]),
    ).toEqual({ count: 1 });
  });

  it('copies every digit in every format', () => {
    const rows = [[BIG, 'a|b\nc', '0.10']];
    expect(toTsv(rows)).toBe(`${BIG}\t"a|b\nc"\t0.10`);
    expect(toMarkdown(columns, rows)).toContain(`| ${BIG} | a\\|b c | 0.10 |`);
    expect(JSON.parse(toJson(columns, rows))).toEqual([
      { id: BIG, name: 'a|b\nc', amount: '0.10' },
    ]);
  });
});

describe('the window', () => {
  it('covers what is in view and a little around it', () => {
    expect(rowSpan(0, 100, 20, 1000, 2)).toEqual({ start: 0, end: 7 });
    expect(rowSpan(400, 100, 20, 1000, 2)).toEqual({ start: 18, end: 27 });
    expect(rowSpan(99_999, 100, 20, 10, 2)).toEqual({ start: 10, end: 10 });
    expect(columnSpan(offsets([100, 100, 100, 100]), 150, 100, 0)).toEqual({ start: 1, end: 3 });
  });

  it('keeps the focused index even when it is out of view', () => {
    expect(indexes({ start: 5, end: 7 }, 1)).toEqual([1, 5, 6]);
    expect(indexes({ start: 5, end: 7 }, 9)).toEqual([5, 6, 9]);
    expect(indexes({ start: 5, end: 7 }, -1)).toEqual([5, 6]);
  });
});

it('keeps its columns where they are while rows in another order are fetched', () => {
  const grid = (cell: (row: number, column: number) => Cell | undefined) => (
    <Grid label="Orders" columns={columns} rowCount={3} cell={cell} />
  );
  const { rerender } = render(grid((row, column) => data[column]?.[row]));
  const edges = () =>
    screen.getAllByRole('columnheader', { name: /id|name|amount/ }).map(({ style }) => style.left);
  const before = edges();
  expect(before).toHaveLength(3);
  rerender(grid(() => undefined));
  expect(edges()).toEqual(before);
});

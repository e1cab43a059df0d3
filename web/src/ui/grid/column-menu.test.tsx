import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Cell, Column } from '@/api/types';
import { momentTitle } from './cells';
import { ResultGrid } from './result-grid';

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

function show() {
  const user = userEvent.setup();
  render(<ResultGrid label="Orders" columns={columns} data={data} rowCount={3} />);
  return user;
}

describe('the column menu', () => {
  const headers = () =>
    screen
      .getAllByRole('columnheader')
      .filter((header) => header.dataset.column !== undefined)
      .map((header) => header.title.split(' · ')[0]);
  const cells = (column: number) =>
    screen
      .getAllByRole('gridcell')
      .filter((cell) => cell.dataset.column === String(column))
      .map((cell) => cell.textContent);

  async function choose(user: ReturnType<typeof show>, column: string, item: RegExp) {
    await user.click(screen.getByRole('button', { name: `Menu of ${column}` }));
    await user.click(await screen.findByRole('menuitem', { name: item }));
  }

  it('opens with the keyboard from a cell and sorts', async () => {
    const user = show();
    await user.tab();
    await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
    expect(await screen.findByRole('menuitem', { name: 'Sort ascending' })).toBeTruthy();
    await user.keyboard('{ArrowDown}{Enter}');
    const pressed = screen.getByTitle('id · int64');
    await waitFor(() => expect(pressed.getAttribute('aria-sort')).not.toBe('none'));
  });

  it('is the next tab stop after its header', async () => {
    const user = show();
    await user.tab();
    await user.keyboard('{ArrowUp}');
    await user.tab();
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Menu of id');
  });

  it('hides a column and shows it again', async () => {
    const user = show();
    await choose(user, 'name', /Hide column/);
    expect(headers()).toEqual(['id', 'amount']);
    expect(screen.getByRole('grid').getAttribute('aria-colcount')).toBe('3');
    expect(cells(1)[0]).toBe('0.10');
    await choose(user, 'id', /Show name/);
    expect(headers()).toEqual(['id', 'name', 'amount']);
  });

  it('pins a column to the left, and sorting still means that column', async () => {
    const user = show();
    await choose(user, 'amount', /Pin to the left/);
    expect(headers()).toEqual(['amount', 'id', 'name']);
    await choose(user, 'amount', /Sort descending/);
    expect(cells(0)[0]).toBe('12345678901234567890.01');
    await choose(user, 'amount', /Do not sort/);
    expect(cells(0)[0]).toBe('0.10');
  });

  it('copies a whole column', async () => {
    const user = show();
    await choose(user, 'id', /Copy column/);
    await waitFor(async () => {
      expect(await navigator.clipboard.readText()).toBe(`${BIG}\n10\n9`);
    });
  });

  it('changes the width without dragging', async () => {
    const user = show();
    const width = () => parseFloat(screen.getByTitle('id · int64').style.width);
    const before = width();
    await choose(user, 'id', /Wider/);
    expect(width()).toBeCloseTo(before * 1.25, -1);
    await choose(user, 'id', /Narrower/);
    await choose(user, 'id', /Narrower/);
    expect(width()).toBeLessThan(before);
    await choose(user, 'id', /Fit to content/);
    expect(width()).toBe(Math.round(BIG.length * 8.2 + 48));
  });

  it('formats numbers only when asked, with every digit', async () => {
    const user = show();
    expect(cells(0)[0]).toBe(BIG);
    await choose(user, 'id', /Format numbers/);
    expect(cells(0)[0]).toBe('9,007,199,254,740,993');
    expect(cells(2)[2]).toBe('12,345,678,901,234,567,890.01');
    await choose(user, 'id', /Format numbers/);
    expect(cells(0)[0]).toBe(BIG);
  });

  it('says on which clock a moment is', () => {
    const at = momentTitle('timestamptz', '2025-03-01T12:00:00+02:00', 'en');
    expect(at?.utc).toBe('Mar 1, 2025, 10:00:00 AM UTC');
    expect(momentTitle('timestamptz', 'infinity', 'en')).toBeNull();
    expect(momentTitle('timestamp', '2025-03-01T12:00:00', 'en')).toBeNull();
  });
});

import type { ReactNode } from 'react';
import { cx } from '@/lib/cx';
import { handOnFocus } from './focus';

export interface TableColumn<T> {
  key: string;
  header: string;
  cell: (row: T) => ReactNode;
  align?: 'right';
  /** Left out on narrow screens, or on all but very wide ones; what matters is in the first column. */
  wide?: boolean | 'very';
  /** The header is for screen readers only: a column of buttons. */
  quiet?: boolean;
}

export interface TableProps<T> {
  label: string;
  columns: readonly TableColumn<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
}

/** A plain list of objects, one per row; it scrolls inside itself when it must. */
export function Table<T>({ label, columns, rows, rowKey }: TableProps<T>) {
  const place = (column: TableColumn<T>) =>
    cx(
      'px-2 first:pl-4 last:pr-4 sm:px-3',
      column.align === 'right' ? 'text-right' : 'text-left',
      column.wide === true && 'hidden md:table-cell',
      column.wide === 'very' && 'hidden 2xl:table-cell',
    );
  return (
    <div className="relative overflow-x-auto rounded-lg border border-line bg-surface shadow-card">
      <table aria-label={label} className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-b border-line">
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={cx(
                  'h-9 text-xs font-normal whitespace-nowrap text-subtle',
                  place(column),
                )}
              >
                <span className={column.quiet ? 'sr-only' : undefined}>{column.header}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              ref={handOnFocus}
              className="h-row border-b border-line last:border-0 hover:bg-canvas"
            >
              {columns.map((column) => (
                <td key={column.key} className={cx('py-1', place(column))}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

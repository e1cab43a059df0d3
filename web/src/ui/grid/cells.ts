import type { Cell, Column } from '@/api/types';

const NUMERIC = new Set(['int32', 'int64', 'float64', 'decimal']);

export const isNumeric = (type: string): boolean => NUMERIC.has(type);

const isBytes = (value: object): value is { bytes: number } =>
  'bytes' in value && typeof value.bytes === 'number';

/** The cell as plain text, raw: what copy and the cell popover show. NULL gives an empty text. */
export function cellText(value: Cell | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  if (isBytes(value)) return `${value.bytes.toLocaleString('en')} bytes`;
  return JSON.stringify(value);
}

const PLAIN = /^-?\d+(?:\.(\d{1,20}))?$/;

/** A number with the reader's separators and every digit it has; anything else as it is. */
export function formattedText(value: Cell | undefined, locale: string): string {
  const text = cellText(value);
  const match = PLAIN.exec(text);
  if (!match) return text;
  const digits = match[1]?.length ?? 0;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  // As text, not as a float: 64-bit integers and decimals keep all their digits.
  return new Intl.NumberFormat(locale, options).format(text as Intl.StringNumericLiteral);
}

/** Both clocks for a moment, or null when the value is none (infinity, a year out of range). */
export function momentTitle(
  type: string,
  value: Cell | undefined,
  locale: string,
): { local: string; utc: string } | null {
  if (type !== 'timestamptz' || typeof value !== 'string') return null;
  const at = new Date(value.replace(' ', 'T'));
  if (Number.isNaN(at.getTime())) return null;
  const style = { dateStyle: 'medium', timeStyle: 'long' } as const;
  const text = (zone?: string) =>
    new Intl.DateTimeFormat(locale, { ...style, timeZone: zone }).format(at);
  return { local: text(), utc: text('UTC') };
}

export type CellKind = 'null' | 'empty' | 'loading' | 'value';

export function cellKind(value: Cell | undefined): CellKind {
  if (value === undefined) return 'loading';
  if (value === null) return 'null';
  return value === '' ? 'empty' : 'value';
}

/** A spreadsheet reads the quotes back; NULL stays empty and the empty string becomes `""`. */
function tsvField(value: Cell | undefined): string {
  if (value === '') return '""';
  const text = cellText(value);
  return /["\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toTsv(rows: readonly (readonly (Cell | undefined)[])[]): string {
  return rows.map((row) => row.map(tsvField).join('\t')).join('\n');
}

const markdownField = (value: Cell | undefined): string =>
  (value === null ? 'NULL' : cellText(value))
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll(/\r?\n/g, ' ');

export function toMarkdown(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const line = (fields: readonly string[]) => `| ${fields.join(' | ')} |`;
  return [
    line(columns.map(({ name }) => markdownField(name))),
    line(columns.map(({ type }) => (isNumeric(type) ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(markdownField))),
  ].join('\n');
}

/** An array of objects; 64-bit and decimal values stay strings so that no digit is lost. */
export function toJson(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const records = rows.map((row) =>
    Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])),
  );
  return JSON.stringify(records, null, 2);
}

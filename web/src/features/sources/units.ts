import type { ColumnUnit } from '@/api/types';

const LINE = /^(?<table>.+)\.(?<column>[^.=]+?)\s*=\s*(?<unit>[^=]+)$/u;

/** Units as lines of text, one per column. */
export function unitsText(units: readonly ColumnUnit[]): string {
  return units.map(({ table, column, unit }) => `${table}.${column} = ${unit}`).join('\n');
}

/** The units that lines say; for a line that says none, its number. */
export function unitsOf(text: string): ColumnUnit[] | number {
  const units: ColumnUnit[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '') continue;
    const found = LINE.exec(line)?.groups;
    if (!found) return index + 1;
    const { table = '', column = '', unit = '' } = found;
    units.push({ table: table.trim(), column: column.trim(), unit: unit.trim() });
  }
  return units;
}

import type { CatalogTable, ColumnType } from '@/api/types';

/** How the API and the address name a table: `schema.name`, or the name alone for files. */
export function tableKey(table: Pick<CatalogTable, 'schema' | 'name'>): string {
  return table.schema ? `${table.schema}.${table.name}` : table.name;
}

/** Tables by schema, both in the order the server gave. */
export function bySchema(tables: readonly CatalogTable[]): Map<string, CatalogTable[]> {
  const groups = new Map<string, CatalogTable[]>();
  for (const table of tables) {
    const key = table.schema ?? '';
    groups.set(key, [...(groups.get(key) ?? []), table]);
  }
  return groups;
}

/** What databases call their types, by the type we would send such a column as. */
const KNOWN: readonly [RegExp, ColumnType][] = [
  [/^(small|tiny|u?small)?int(eger|2|4|16|32)?$/, 'int32'],
  [/^(big|huge|u?big)?int(8|64)?$/, 'int64'],
  [/^(numeric|decimal)/, 'decimal'],
  [/^(float|double|real)/, 'float64'],
  [/^bool/, 'boolean'],
  [/^date$/, 'date'],
  [/^timestamp.*(tz|with time zone)/, 'timestamptz'],
  [/^(timestamp|datetime)/, 'timestamp'],
];

/** The nearest of our types to a database's own name for one; text when nothing is near. */
export function nearestType(type: string): ColumnType {
  const name = type.toLowerCase();
  return KNOWN.find(([pattern]) => pattern.test(name))?.[1] ?? 'string';
}

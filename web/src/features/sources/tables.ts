import type { CatalogTable } from '@/api/types';

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

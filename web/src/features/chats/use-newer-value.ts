import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { CitedCell } from '@/api/parts';
import type { Cell, Query, QueryVersion, Rows } from '@/api/types';

/** The newest finished version of a cell's query, when it is newer than the one it is from. */
function useNewerVersion(cell: CitedCell): QueryVersion | null {
  const id = cell.query_id ?? '';
  const known = useQuery({
    queryKey: ['queries', id],
    queryFn: ({ signal }) => api.get<Query>(`/queries/${id}`, { signal }),
    enabled: id !== '' && cell.row !== null,
  });
  const newest = known.data?.versions.findLast(({ status }) => status === 'done');
  return newest && newest.version > cell.version ? newest : null;
}

/** Where the same row is to be found in another result: by its names, or by its place. */
function rowQuery({ key, row }: CitedCell) {
  const names = Object.entries(key).map(([column, value]) => ({ column, op: '=', value }));
  return names.length > 0
    ? { filter: JSON.stringify(names), limit: 1 }
    : { offset: row ?? 0, limit: 1 };
}

const text = (value: Cell | undefined): string =>
  value == null ? 'NULL' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** What the same row and column hold in a newer version; null while it is the same value. */
export function useNewerValue(cell: CitedCell): { version: number; value: string } | null {
  const newer = useNewerVersion(cell);
  const resultId = newer?.result_id ?? '';
  const query = rowQuery(cell);
  const rows = useQuery({
    queryKey: ['results', resultId, 'cited', query],
    queryFn: ({ signal }) => api.get<Rows>(`/results/${resultId}/rows`, { query, signal }),
    enabled: resultId !== '',
    retry: false,
  });
  if (!newer || !rows.data) return null;
  const column = rows.data.columns.findIndex(({ name }) => name === cell.column);
  const value = text(rows.data.data[column]?.[0]);
  return value === cell.value ? null : { version: newer.version, value };
}

import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import { useNewerVersion } from '@/api/newest-version';
import type { CitedCell } from '@/api/parts';
import type { Cell, Rows } from '@/api/types';

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
  const newer = useNewerVersion(cell.row === null ? null : cell.query_id, cell.version);
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

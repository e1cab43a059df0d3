import { queryOptions } from '@tanstack/react-query';
import { api, request, url } from '@/api/client';
import type {
  ColumnProfile,
  DownloadFormat,
  Query,
  QueryInput,
  QueryVersion,
  ResultExport,
  Rows,
} from '@/api/types';

export const FORMATS: readonly DownloadFormat[] = ['csv', 'parquet', 'jsonl', 'xlsx', 'arrow'];

/** Rows fetched at a time. */
export const PAGE_ROWS = 1000;

/** Which rows of a result are asked for, in which order; null where nothing was chosen. */
export interface View {
  sort: string | null;
  filter: string | null;
}

export const queryKeys = {
  query: (id: string) => ['queries', id] as const,
  rows: (resultId: string, view: View, page: number) =>
    ['results', resultId, 'rows', page, view] as const,
  profile: (resultId: string, column: number, filter: string | null) =>
    ['results', resultId, 'profile', column, { filter }] as const,
};

/** A query with all its versions. */
export const queryVersionsOptions = (id: string) =>
  queryOptions({
    queryKey: queryKeys.query(id),
    queryFn: ({ signal }) => api.get<Query>(`/queries/${id}`, { signal }),
  });

/** One page of a stored result; results never change. */
export const rowsOptions = (resultId: string, view: View, page: number) =>
  queryOptions({
    queryKey: queryKeys.rows(resultId, view, page),
    queryFn: ({ signal }) =>
      api.get<Rows>(`/results/${resultId}/rows`, {
        query: { offset: page * PAGE_ROWS, limit: PAGE_ROWS, ...view },
        signal,
      }),
    staleTime: Infinity,
  });

/** What a column holds, over the rows that meet the filter. */
export const profileOptions = (resultId: string, column: number, filter: string | null) =>
  queryOptions({
    queryKey: queryKeys.profile(resultId, column, filter),
    queryFn: ({ signal }) =>
      api.get<ColumnProfile>(`/results/${resultId}/profile`, {
        query: { column: `#${column + 1}`, filter },
        signal,
      }),
    staleTime: Infinity,
  });

/** Runs SQL without a model; a statement that fails is an answer with status `failed`. */
export const runQuery = (input: QueryInput) => api.post<QueryVersion>('/queries', input);

export const cancelQuery = (id: string) => api.post<unknown>(`/queries/${id}/cancel`);

export const downloadUrl = (resultId: string, format: DownloadFormat) =>
  url(`/results/${resultId}/download`, { format, protect: true });

export const exportUrl = (id: string) => url(`/exports/${id}`);

/**
 * Has the server run the query again and write all its rows to a file. Tells how far it is, and
 * gives the last word: done, failed or cancelled. Aborting stops the statement.
 */
export async function exportRows(
  resultId: string,
  format: DownloadFormat,
  signal: AbortSignal,
  onProgress: (progress: ResultExport) => void,
): Promise<void> {
  const path = `/results/${resultId}/exports`;
  const response = await request('POST', path, { format }, { signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  signal.addEventListener('abort', () => void reader.cancel().catch(() => undefined));
  let held = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (held + part.value).split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) onProgress(JSON.parse(line) as ResultExport);
  }
  signal.throwIfAborted();
}

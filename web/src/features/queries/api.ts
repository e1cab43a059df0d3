import { queryOptions } from '@tanstack/react-query';
import { api, url } from '@/api/client';
import type { Catalog, Query, QueryInput, QueryVersion, Rows } from '@/api/types';

/** Rows fetched at a time. */
export const PAGE_ROWS = 1000;

export const queryKeys = {
  query: (id: string) => ['queries', id] as const,
  rows: (resultId: string, sort: string | null, page: number) =>
    ['results', resultId, 'rows', sort, page] as const,
};

/** A query with all its versions. */
export const queryVersionsOptions = (id: string) =>
  queryOptions({
    queryKey: queryKeys.query(id),
    queryFn: ({ signal }) => api.get<Query>(`/queries/${id}`, { signal }),
  });

/** One page of a stored result; results never change. */
export const rowsOptions = (resultId: string, sort: string | null, page: number) =>
  queryOptions({
    queryKey: queryKeys.rows(resultId, sort, page),
    queryFn: ({ signal }) =>
      api.get<Rows>(`/results/${resultId}/rows`, {
        query: { offset: page * PAGE_ROWS, limit: PAGE_ROWS, sort },
        signal,
      }),
    staleTime: Infinity,
  });

export const catalogOptions = (sourceId: string) =>
  queryOptions({
    queryKey: ['sources', sourceId, 'catalog'] as const,
    queryFn: ({ signal }) => api.get<Catalog>(`/sources/${sourceId}/catalog`, { signal }),
    staleTime: 5 * 60_000,
  });

/** Runs SQL without a model; a statement that fails is an answer with status `failed`. */
export const runQuery = (input: QueryInput) => api.post<QueryVersion>('/queries', input);

export const cancelQuery = (id: string) => api.post<unknown>(`/queries/${id}/cancel`);

export const downloadUrl = (resultId: string, format: 'csv' | 'arrow') =>
  url(`/results/${resultId}/download`, { format, protect: true });

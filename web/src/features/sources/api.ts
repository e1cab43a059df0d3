import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { catalogQuery } from '@/api/resources';
import type {
  Catalog,
  DatabaseConfig,
  DatabaseEngine,
  Rows,
  Source,
  SourceInput,
  SourcePatch,
  SourceTest,
  TableProfile,
} from '@/api/types';

export const sourceQuery = (id: string) =>
  queryOptions({
    queryKey: ['sources', id],
    queryFn: ({ signal }) => api.get<Source>(`/sources/${id}`, { signal }),
  });

export const previewQuery = (id: string, table: string, limit: number) =>
  queryOptions({
    queryKey: ['sources', id, 'preview', { table, limit }],
    queryFn: ({ signal }) =>
      api.get<Rows>(`/sources/${id}/preview`, { query: { table, limit, offset: 0 }, signal }),
    enabled: table !== '',
    staleTime: 60_000,
  });

const WATCH_MS = 500;

export const profileQuery = (id: string, table: string) =>
  queryOptions({
    queryKey: ['sources', id, 'profile', table],
    queryFn: ({ signal }) =>
      api.get<TableProfile>(`/sources/${id}/profile`, { query: { table }, signal }),
    // While it runs it is watched; otherwise it stays as it is until somebody starts it again.
    refetchInterval: (query) => (query.state.data?.status === 'running' ? WATCH_MS : false),
  });

/** Starts or stops the profile of a table and shows how far it is. */
export function useProfileRun(id: string, table: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (what: 'start' | 'stop') =>
      api.post<TableProfile>(`/sources/${id}/profile${what === 'stop' ? '/stop' : ''}`, { table }),
    onSuccess: (profile) => queryClient.setQueryData(profileQuery(id, table).queryKey, profile),
  });
}

export const addSample = () => api.post<Source>('/sources/sample');
export const addPractice = () => api.post<Source>('/sources/sample?writable=true');
export const createSource = (input: SourceInput) => api.post<Source>('/sources', input);
export const updateSource = (id: string, patch: SourcePatch) =>
  api.patch<Source>(`/sources/${id}`, patch);
export const deleteSource = (id: string) => api.delete(`/sources/${id}`);
export const testSource = (id: string) => api.post<SourceTest>(`/sources/${id}/test`);

export interface DraftTest {
  engine: DatabaseEngine;
  config: DatabaseConfig;
  password?: string;
  source_id?: string;
}
export const testDraft = (draft: DraftTest) => api.post<SourceTest>('/sources/test', draft);

/** Reads the source's catalog again and shows the answer everywhere. */
export function useRefreshCatalog(id: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => api.post<Catalog>(`/sources/${id}/refresh`),
    onSuccess: async (catalog) => {
      queryClient.setQueryData(catalogQuery(id).queryKey, catalog);
      await queryClient.invalidateQueries({ queryKey: ['sources'], refetchType: 'active' });
    },
  });
}

/** What to do after any change to a source: every list and page of sources reads again. */
export function useSourcesChanged(): () => Promise<void> {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: ['sources'] });
}

import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query';
import { api, request } from '@/api/client';
import type {
  Definition,
  DefinitionContent,
  DefinitionDetail,
  DefinitionDiff,
  DefinitionInput,
  DefinitionStatus,
  DefinitionUses,
  DefinitionVersion,
  Page,
} from '@/api/types';

export interface DefinitionFilters {
  q?: string | undefined;
  status?: string | undefined;
  source?: string | undefined;
}

export const STATUSES: readonly DefinitionStatus[] = ['proposed', 'certified', 'lapsed'];

export const definitionsOptions = ({ q, status, source }: DefinitionFilters) =>
  infiniteQueryOptions({
    queryKey: ['definitions', 'list', { q, status, source }],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Definition>>('/definitions', {
        query: {
          q,
          // What the address says may be anything.
          status: STATUSES.find((known) => known === status),
          source_id: source,
          cursor: pageParam ?? undefined,
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (previous) => previous,
    staleTime: 0,
  });

export const definitionQuery = (id: string) =>
  queryOptions({
    queryKey: ['definitions', id],
    queryFn: ({ signal }) => api.get<DefinitionDetail>(`/definitions/${id}`, { signal }),
    // It may lapse at any time, by what happens at the source.
    staleTime: 0,
  });

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['definitions', id, 'versions'],
    queryFn: ({ signal }) => api.list<DefinitionVersion>(`/definitions/${id}/versions`, { signal }),
  });

export const diffQuery = (id: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['definitions', id, 'diff', from, to],
    queryFn: ({ signal }) =>
      api.get<DefinitionDiff>(`/definitions/${id}/diff`, { query: { from, to }, signal }),
    placeholderData: (previous) => previous,
    staleTime: Infinity,
  });

export const usesQuery = (id: string) =>
  queryOptions({
    queryKey: ['definitions', id, 'uses'],
    queryFn: ({ signal }) => api.get<DefinitionUses>(`/definitions/${id}/uses`, { signal }),
    staleTime: 0,
  });

export const createDefinition = (input: DefinitionInput) =>
  api.post<DefinitionDetail>('/definitions', input);

/** Saves the next version if nobody else has since `version`. */
export async function editDefinition(
  id: string,
  content: DefinitionContent,
  version: number,
): Promise<DefinitionDetail> {
  const headers = { 'If-Match': `"${version}"` };
  const response = await request('PUT', `/definitions/${id}`, content, { headers });
  return (await response.json()) as DefinitionDetail;
}

export const certifyDefinition = ({ id, version }: Definition) =>
  api.post<DefinitionDetail>(`/definitions/${id}/certify`, { version });
export const checkDefinition = ({ id }: Definition) =>
  api.post<DefinitionDetail>(`/definitions/${id}/check`);
export const lapseDefinition = (id: string, reason: string) =>
  api.post<DefinitionDetail>(`/definitions/${id}/lapse`, { reason });
export const archiveDefinition = (id: string) => api.delete(`/definitions/${id}`);

/** After any change: the list and the page read again. */
export function useDefinitionsChanged(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['definitions'] });
}

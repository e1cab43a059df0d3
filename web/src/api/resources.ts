import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { api } from './client';
import type { Agent, Catalog, Member, Model, Page, ServerStatus, Session, Source } from './types';

/** Queries that more than one feature reads. A key starts with the noun of the API path. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => api.get<Session>('/auth/me', { signal }),
  staleTime: 5 * 60_000,
});

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => api.get<ServerStatus>('/status', { signal }),
  refetchInterval: 10_000,
  // Being offline is one of the states to show, so failing fast is the point.
  retry: false,
});

export const sourcesQuery = queryOptions({
  queryKey: ['sources'],
  queryFn: ({ signal }) => api.get<Page<Source>>('/sources', { query: { limit: 200 }, signal }),
});

export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: ({ signal }) => api.get<Page<Model>>('/models', { query: { limit: 200 }, signal }),
});

export const agentsQuery = queryOptions({
  queryKey: ['agents'],
  queryFn: ({ signal }) => api.get<Page<Agent>>('/agents', { query: { limit: 200 }, signal }),
});

export const membersQuery = queryOptions({
  queryKey: ['members'],
  queryFn: ({ signal }) => api.list<Member>('/members', { signal }),
});

/** Apart from the sources' own pages: the composer suggests tables without loading them. */
export const catalogQuery = (id: string) =>
  queryOptions({
    queryKey: ['sources', id, 'catalog'],
    queryFn: ({ signal }) => api.get<Catalog>(`/sources/${id}/catalog`, { signal }),
    staleTime: 60_000,
  });

export const startersQuery = (source: string) =>
  queryOptions({
    queryKey: ['sources', source, 'starters'],
    queryFn: ({ signal }) =>
      api.get<{ questions: string[] }>(`/sources/${source}/starters`, { signal }),
  });

/** The signed-in person; inside the shell it is always there. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data;
}

/** Whether the role of the signed-in person grants a scope such as `source:create`. */
export function useCan(): (scope: string) => boolean {
  const scopes = useQuery(sessionQuery).data?.scopes ?? [];
  return (scope) => scopes.includes(scope);
}

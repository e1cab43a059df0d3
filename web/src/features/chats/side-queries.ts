import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { QueryVersion } from '@/api/types';
import { threadKeys, type ChatMessage } from './api';

const threadQueriesOptions = (thread: string) =>
  queryOptions({
    queryKey: [...threadKeys.one(thread), 'queries'] as const,
    queryFn: ({ signal }) =>
      api.get<{ data: QueryVersion[] }>(`/threads/${thread}/queries`, { signal }),
  });

/** Queries that a person ran in the thread and that no answer holds, oldest first. */
export function sideQueries(
  queries: readonly QueryVersion[],
  messages: readonly ChatMessage[],
): string[] {
  const placed = new Set(
    messages.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'data-query' ? [part.data.query_id] : [])),
    ),
  );
  return queries
    .filter(({ author, query_id: id }) => author.kind === 'user' && !placed.has(id))
    .map(({ query_id: id }) => id);
}

/** Queries run with `/sql` in a thread; the server keeps them, so every browser shows them. */
export function useSideQueries(thread: string, messages: readonly ChatMessage[]) {
  const client = useQueryClient();
  const options = threadQueriesOptions(thread);
  const { data } = useQuery(options);
  return {
    ids: sideQueries(data?.data ?? [], messages),
    refresh: () => void client.invalidateQueries({ queryKey: options.queryKey }),
  };
}

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Query, QueryVersion } from '@/api/types';
import { queryKeys, queryVersionsOptions, runQuery } from './api';

/** The versions known for a query: what the server lists, and the one the message carries. */
function merge(known: Query | undefined, given: QueryVersion): QueryVersion[] {
  const listed = known?.versions ?? [];
  // The run's log may be ahead of what was fetched before it finished.
  const others = listed.filter(({ version }) => version !== given.version);
  return [...others, given].sort((a, b) => a.version - b.version);
}

/** State of one SQL card: which version is looked at, and running the next one. */
export function useQueryCard(given: QueryVersion, threadId: string | null) {
  const client = useQueryClient();
  const finished = given.status !== 'running';
  const known = useQuery({ ...queryVersionsOptions(given.query_id), enabled: finished });
  const versions = merge(known.data, given);
  const [picked, setPicked] = useState<number | null>(null);
  const shown = versions.find(({ version }) => version === picked) ?? given;

  const run = useMutation({
    mutationFn: ({ sql, limit }: { sql: string; limit?: number | undefined }) =>
      runQuery({
        source_id: given.source_id,
        sql,
        query_id: given.query_id,
        ...(threadId === null ? {} : { thread_id: threadId }),
        ...(given.title ? { title: given.title } : {}),
        ...(limit === undefined ? {} : { limit }),
      }),
    onSuccess: (made) => {
      client.setQueryData<Query>(queryKeys.query(given.query_id), (before) => ({
        query_id: made.query_id,
        handle: made.handle,
        versions: [...(before?.versions ?? versions), made],
      }));
      setPicked(made.version);
    },
  });

  return { shown, versions, show: setPicked, run };
}

import { useState } from 'react';
import { readStored, writeStored } from '@/lib/preferences';

const key = (thread: string) => `queries.${thread}`;

const read = (thread: string): string[] =>
  (readStored(key(thread)) ?? '').split(',').filter((id) => id !== '');

/** Remembers that a query was run beside the conversation of a thread. */
export function rememberSideQuery(thread: string, query: string): string[] {
  const all = [...read(thread).filter((id) => id !== query), query];
  writeStored(key(thread), all.join(','));
  return all;
}

/** Queries run with `/sql` in a thread, oldest first; the queries themselves are on the server. */
export function useSideQueries(thread: string) {
  const [ids, setIds] = useState(() => read(thread));
  return { ids, add: (query: string) => setIds(rememberSideQuery(thread, query)) };
}

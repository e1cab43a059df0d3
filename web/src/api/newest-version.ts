import { useQuery } from '@tanstack/react-query';
import { api } from './client';
import type { Query, QueryVersion } from './types';

/** The newest finished version of a query when it is newer than one; null while it is not known. */
export function useNewerVersion(id: string | null, version: number): QueryVersion | null {
  const known = useQuery({
    queryKey: ['queries', id],
    queryFn: ({ signal }) => api.get<Query>(`/queries/${id}`, { signal }),
    enabled: id !== null,
  });
  const newest = known.data?.versions.findLast(({ status }) => status === 'done');
  return newest && newest.version > version ? newest : null;
}

import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { SetupState, Source } from '@/api/types';

export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: ({ signal }) => api.get<SetupState>('/auth/setup', { signal }),
});

export const addSample = () => api.post<Source>('/sources/sample');

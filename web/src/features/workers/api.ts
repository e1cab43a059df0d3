import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { HeldSource, Source, Worker, WorkerJoin } from '@/api/types';

const LIVE_MS = 3000;

/** Looked at again while the page is open: workers come and go by themselves. */
export const workersQuery = queryOptions({
  queryKey: ['workers'],
  queryFn: ({ signal }) => api.list<Worker>('/workers', { signal }),
  refetchInterval: LIVE_MS,
});

export const createJoin = (name: string) =>
  api.post<WorkerJoin>('/workers/join', name === '' ? {} : { name });
export const revokeWorker = (id: string) => api.delete(`/workers/${id}`);

/** Its settings stay with the worker; only the name is known here. */
export const addHeldSource = ({ name, engine }: HeldSource) =>
  api.post<Source>('/sources', { name, engine, credentials: 'worker', worker_source: name });

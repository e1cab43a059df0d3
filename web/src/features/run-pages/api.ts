import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, url } from '@/api/client';
import type { Page, RunEffect, RunHistogram, RunRow, RunSteps, StepDetail } from '@/api/types';

const LIVE_MS = 2000;
const CALM_MS = 10_000;

export const isActive = (run: Pick<RunRow, 'status'>): boolean =>
  !['succeeded', 'failed', 'cancelled'].includes(run.status);

/** How far back a list looks, in hours; null is all of time. */
export const PERIODS = { '24h': 24, '7d': 168, '30d': 720, all: null } as const;
export type Period = keyof typeof PERIODS;

export const isPeriod = (value: string | undefined): value is Period =>
  value !== undefined && value in PERIODS;

export interface RunFilters {
  status?: string | undefined;
  kind?: string | undefined;
  agent?: string | undefined;
  source?: string | undefined;
  q?: string | undefined;
  since: Period;
}

const ACTIVE = ['queued', 'running', 'waiting', 'paused'];
const HOUR_MS = 3_600_000;

/** When a period began; cut to the minute, so that a list is not another one each second. */
function began(period: Period): string | null {
  const hours = PERIODS[period];
  if (hours === null) return null;
  return new Date(Math.floor(Date.now() / 60_000) * 60_000 - hours * HOUR_MS).toISOString();
}

function asked(filters: RunFilters) {
  const { status, kind, agent, source, q, since } = filters;
  return {
    status: status === 'active' ? ACTIVE : status,
    kind,
    agent_id: agent,
    source_id: source,
    q,
    since: began(since),
  };
}

export const runsOptions = (filters: RunFilters) =>
  infiniteQueryOptions({
    queryKey: ['runs', filters] as const,
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<RunRow>>('/runs', { query: { ...asked(filters), cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: (previous) => previous,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ data }) => data.some(isActive)) ? LIVE_MS : CALM_MS,
  });

const BARS = { '24h': 48, '7d': 56, '30d': 60, all: 60 } as const;

export const histogramOptions = (filters: RunFilters) =>
  queryOptions({
    queryKey: ['runs', 'histogram', filters] as const,
    queryFn: ({ signal }) =>
      api.get<RunHistogram>('/runs/histogram', {
        query: {
          ...asked({ ...filters, since: filters.since === 'all' ? '30d' : filters.since }),
          buckets: BARS[filters.since],
        },
        signal,
      }),
    placeholderData: (previous) => previous,
    refetchInterval: CALM_MS,
  });

export const runOptions = (id: string) =>
  queryOptions({
    queryKey: ['runs', id] as const,
    queryFn: ({ signal }) => api.get<RunRow>(`/runs/${id}`, { signal }),
    refetchInterval: ({ state }) => (state.data && isActive(state.data) ? LIVE_MS : false),
  });

export const stepsOptions = (id: string, active: boolean) =>
  queryOptions({
    queryKey: ['runs', id, 'steps'] as const,
    queryFn: ({ signal }) => api.get<RunSteps>(`/runs/${id}/steps`, { signal }),
    refetchInterval: active ? LIVE_MS : false,
  });

export const effectsOptions = (id: string, active: boolean) =>
  queryOptions({
    queryKey: ['runs', id, 'effects'] as const,
    queryFn: ({ signal }) => api.get<{ data: RunEffect[] }>(`/runs/${id}/effects`, { signal }),
    select: ({ data }) => data,
    refetchInterval: active ? LIVE_MS : false,
  });

/** What went in and out; asked again while the step grows. */
export const stepOptions = (run: string, step: string, lastSeq: number, full: boolean) =>
  queryOptions({
    queryKey: ['runs', run, 'steps', step, { lastSeq, full }] as const,
    queryFn: ({ signal }) =>
      api.get<StepDetail>(`/runs/${run}/steps/${step}`, { query: { full }, signal }),
    placeholderData: (previous) => previous,
  });

export const exportUrl = (id: string): string => url(`/runs/${id}/export`);

export interface Rerun {
  run_id: string;
  thread_id: string | null;
}

export const rerun = (id: string, fromStep: string | null) =>
  api.post<Rerun>(`/runs/${id}/rerun`, fromStep === null ? {} : { from_step: fromStep });

interface NewRun {
  goal: string;
  /** The analyst when left out. */
  agent_id?: string;
  /** Every source when left out. */
  source_ids?: string[];
}

export const startRun = (body: NewRun) => api.post<RunRow>('/runs', body);

export const stopRun = (id: string) => api.post<unknown>(`/runs/${id}/stop`);

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type {
  ActionDecision,
  BulkResult,
  InboxDetail,
  InboxRequest,
  Page,
  RequestView,
  Risk,
} from '@/api/types';
import { randomId } from '@/lib/random-id';

export const VIEWS = ['needs_me', 'assigned', 'open', 'snoozed', 'done'] as const;

export const isView = (value: string | undefined): value is RequestView =>
  VIEWS.some((view) => view === value);

export interface InboxFilters {
  view: RequestView;
  kind?: string | undefined;
  risk?: string | undefined;
  agent?: string | undefined;
  source?: string | undefined;
}

/** A safety net below the live channel. */
const CALM_MS = 30_000;

export const countQuery = queryOptions({
  queryKey: ['requests', 'count'] as const,
  queryFn: ({ signal }) => api.get<{ needs_me: number }>('/requests/count', { signal }),
  refetchInterval: CALM_MS,
});

export const requestsOptions = ({ view, kind, risk, agent, source }: InboxFilters) =>
  infiniteQueryOptions({
    queryKey: ['requests', { view, kind, risk, agent, source }] as const,
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<InboxRequest>>('/requests', {
        query: { view, kind, risk, agent_id: agent, source_id: source, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: (previous) => previous,
    refetchInterval: CALM_MS,
  });

export const requestOptions = (id: string) =>
  queryOptions({
    queryKey: ['requests', id] as const,
    queryFn: ({ signal }) => api.get<InboxDetail>(`/requests/${id}`, { signal }),
  });

/** The decision carries the revision that was seen; the first one counts, others are told. */
export const decide = (request: InboxRequest, decisions: ActionDecision[]) =>
  api.post<InboxDetail>(`/requests/${request.id}/decide`, {
    decision_id: randomId(),
    revision: request.revision,
    decisions,
  });

export interface EditedLook {
  preview: Record<string, unknown> | null;
  risk: Risk;
  /** How many people must approve the request when it is decided like this. */
  requires: number;
  refused: string | null;
  hint: string | null;
}

/** What an action would do with other arguments; nothing is decided by looking. */
export const previewEdited = (id: string, action: string, args: unknown) =>
  api.post<EditedLook>(`/requests/${id}/preview`, { action_id: action, args });

export const assign = (id: string, person: string | null) =>
  api.post<InboxDetail>(`/requests/${id}/assign`, { person_id: person });
export const snooze = (id: string, until: string | null) =>
  api.post<InboxDetail>(`/requests/${id}/snooze`, { until });
export const escalate = (id: string) => api.post<InboxDetail>(`/requests/${id}/escalate`);
export const markRead = (id: string, read: boolean) =>
  api.post<InboxDetail>(`/requests/${id}/read`, { read });
export const decideMany = (ids: string[], type: 'approve' | 'reject') =>
  api.post<{ results: BulkResult[] }>('/requests/bulk', { ids, type });

/** Approve every action as it stands. */
export const approveAll = (request: InboxRequest): ActionDecision[] =>
  request.actions.map(({ id }) => ({ action_id: id, type: 'approve' }));

export const rejectAll = (request: InboxRequest, message?: string): ActionDecision[] =>
  request.actions.map(({ id }) => ({
    action_id: id,
    type: 'reject',
    ...(message ? { message } : {}),
  }));

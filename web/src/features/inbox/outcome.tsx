import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { InboxRequest, Run, RunSteps } from '@/api/types';
import { formatDuration, formatTime } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Spinner } from '@/ui';
import { messages } from './detail-messages';
import { isNotice } from './notice';

const LIVE_MS = 1500;
const OVER = new Set(['succeeded', 'failed', 'cancelled']);
const GOOD = new Set(['approved', 'edited', 'responded']);

/** One sentence that says how a request ended: who and when, or why nobody could. */
export function useOutcome(request: InboxRequest): string | null {
  const t = useT(messages);
  const { status, decided_by: by, decided_at: at, note } = request;
  if (status === 'pending') return null;
  const name = by?.name ?? '';
  const time = at ? formatTime(at) : '';
  const how = status === 'approved' && isNotice(request) ? 'done' : status;
  const said = t(`decided_${how}`, { name, time });
  return note && !by ? `${said} ${note}` : said;
}

function useRun(request: InboxRequest) {
  const id = request.run_id;
  const run = useQuery({
    queryKey: ['runs', id],
    queryFn: ({ signal }) => api.get<Run>(`/runs/${id ?? ''}`, { signal }),
    enabled: id !== null && request.status !== 'pending',
    refetchInterval: ({ state }) => (state.data && OVER.has(state.data.status) ? false : LIVE_MS),
  });
  const steps = useQuery({
    queryKey: ['runs', id, 'steps'],
    queryFn: ({ signal }) => api.get<RunSteps>(`/runs/${id ?? ''}/steps`, { signal }),
    enabled: id !== null && GOOD.has(request.status),
    refetchInterval: run.data && OVER.has(run.data.status) ? false : LIVE_MS,
  });
  const calls = request.actions.map(({ tool_call_id: call }) => call);
  const step = steps.data?.steps.find(
    ({ kind, tool_call_id: call, finished_at: end }) =>
      kind === 'tool' && end !== null && calls.includes(call),
  );
  return { run: run.data, step };
}

function StepEnd({ step }: { step: RunSteps['steps'][number] }) {
  const t = useT(messages);
  return (
    <>
      {step.status === 'failed' ? (
        <span className="text-danger">{t('stepFailed', { reason: step.error ?? '' })}</span>
      ) : (
        <span>{t('stepDone', { time: formatDuration(step.duration_ms) })}</span>
      )}
      <span aria-hidden>·</span>
    </>
  );
}

/** What became of the run that waited: success is said when there is a result, not before. */
function Afterwards({ request }: { request: InboxRequest }) {
  const t = useT(messages);
  const { run, step } = useRun(request);
  // What a notice tells of has ended before.
  if (request.run_id === null || !run || isNotice(request)) return null;
  const over = OVER.has(run.status);
  return (
    <p className="flex flex-wrap items-center gap-x-1.5 gap-y-1 text-sm">
      {step ? <StepEnd step={step} /> : null}
      {over ? (
        <span className={run.status === 'failed' ? 'text-danger' : ''}>
          {t(`runEnded_${run.status as 'succeeded' | 'failed' | 'cancelled'}`)}
        </span>
      ) : (
        <span className="inline-flex items-center gap-1.5 text-muted">
          <Spinner />
          {t('runGoesOn')}
        </span>
      )}
    </p>
  );
}

/** How a request ended, and what its run did then. */
export function Outcome({ request }: { request: InboxRequest }) {
  const said = useOutcome(request);
  if (said === null) return null;
  const tone = GOOD.has(request.status)
    ? 'bg-success-soft text-success'
    : request.status === 'rejected'
      ? 'bg-danger-soft text-danger'
      : 'bg-sunken text-muted';
  return (
    <div className="flex flex-col gap-2" role="status">
      <p className={`rounded-md px-3 py-2 text-sm font-strong ${tone}`}>{said}</p>
      <Afterwards request={request} />
    </div>
  );
}

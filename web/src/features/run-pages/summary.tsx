import { Link } from '@tanstack/react-router';
import type { RunRow, RunStep, RunSteps } from '@/api/types';
import { formatCount, formatDuration } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Hint, Time } from '@/ui';
import { UnknownEffects } from './effects';
import { Fact, Facts } from './facts';
import { Money, RunCost } from './money';
import { messages } from './run-messages';
import { RunStatusChip } from './run-status';
import { StepState } from './step-row';
import type { TreeRow } from './tree';

const tokens = (given: number | null | undefined, made: number | null | undefined) =>
  `${formatCount(given)} / ${formatCount(made)}`;

function Failure({ text, hint }: { text: string; hint?: string | null | undefined }) {
  return (
    <div role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-sm text-danger">
      <p className="break-words">{text}</p>
      {hint ? (
        <p className="mt-1">
          <Hint text={hint} />
        </p>
      ) : null}
    </div>
  );
}

/** Leads from what waits to the request that ends the waiting. */
function Waits({ step }: { step: RunStep }) {
  const t = useT(messages);
  if (step.kind !== 'wait' || step.request_id === null) return null;
  const open = step.finished_at === null;
  return (
    <p
      className={`flex flex-wrap items-center justify-between gap-x-4 gap-y-1 rounded-md px-3 py-2 text-sm ${open ? 'bg-warning-soft' : 'bg-sunken'}`}
    >
      <span className="min-w-0 break-words">{step.title ?? step.name}</span>
      <Link
        to="/inbox/$request"
        params={{ request: step.request_id }}
        className="font-strong text-accent hover:underline"
      >
        {t('openRequest')}
      </Link>
    </p>
  );
}

/** What a step was, how it went, what it took. */
export function StepSummary({ row }: { row: TreeRow }) {
  const t = useT(messages);
  const { step } = row;
  return (
    <div className="flex flex-col gap-4">
      {step.error ? <Failure text={step.error} /> : null}
      <Waits step={step} />
      <Facts>
        <Fact label={t('status')}>
          <StepState status={step.status} words />
        </Fact>
        <Fact label={t('started')}>
          <Time iso={step.started_at} style="clock" />
        </Fact>
        <Fact label={t('duration')}>{formatDuration(row.ms)}</Fact>
        {step.attempts > 1 ? (
          <Fact label={t('attempts', { count: step.attempts })}>{formatCount(step.attempts)}</Fact>
        ) : null}
        {step.kind === 'model' ? (
          <>
            <Fact label={t('ownTokens')}>{tokens(step.input_tokens, step.output_tokens)}</Fact>
            <Fact label={t('cost')}>
              <Money {...row.cost} />
            </Fact>
          </>
        ) : null}
        {row.children > 0 ? (
          <Fact label={t('subtree')}>
            {`Σ ${formatCount(row.tokens)} · `}
            <Money {...row.cost} />
          </Fact>
        ) : null}
      </Facts>
    </div>
  );
}

/** The run as a whole. */
export function RunSummary({ run, steps }: { run: RunRow; steps: RunSteps }) {
  const t = useT(messages);
  const failed = steps.steps.filter(({ kind, status }) => kind === 'tool' && status === 'failed');
  return (
    <div className="flex flex-col gap-4">
      {run.error ? <Failure text={run.error.message} hint={run.error.hint} /> : null}
      <UnknownEffects run={run} />
      {run.status === 'waiting'
        ? steps.steps
            .filter(({ finished_at: end }) => end === null)
            .map((step) => <Waits key={step.id} step={step} />)
        : null}
      <p className="whitespace-pre-wrap">{run.title}</p>
      <Facts>
        <Fact label={t('status')}>
          <RunStatusChip status={run.status} />
        </Fact>
        <Fact label={t('started')}>
          <Time iso={run.created_at} style="clock" />
        </Fact>
        <Fact label={t('model')}>{run.model?.name ?? '—'}</Fact>
        {run.sources.length > 0 ? (
          <Fact label={t('sources')}>{run.sources.map(({ name }) => name).join(', ')}</Fact>
        ) : null}
        <Fact label={t('ownTokens')}>
          {tokens(run.usage?.input_tokens, run.usage?.output_tokens)}
        </Fact>
        <Fact label={t('cost')}>
          <RunCost run={run} />
        </Fact>
        <Fact label={t('stepCount')}>
          {formatCount(steps.steps.filter(({ kind }) => kind === 'step').length)}
        </Fact>
        <Fact label={t('errors')}>
          {formatCount(failed.length + (run.status === 'failed' ? 1 : 0))}
        </Fact>
        {run.rerun_of ? (
          <Fact label={t('rerun')}>
            <Link
              to="/runs/$run"
              params={{ run: run.rerun_of }}
              className="text-accent hover:underline"
            >
              {t('rerunOf')}
            </Link>
          </Fact>
        ) : null}
      </Facts>
    </div>
  );
}

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Ellipsis, MessagesSquare, RotateCcw, Square } from 'lucide-react';
import type { ReactNode } from 'react';
import { useCan } from '@/api/resources';
import type { RunRow, RunSteps } from '@/api/types';
import { copyText } from '@/lib/clipboard';
import { formatCompact, formatDuration, UNKNOWN } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, buttonClass, IconButton, Menu, MenuItem, PageHeading, Time, toast } from '@/ui';
import { exportUrl, isActive, rerun, stopRun } from './api';
import { RunCost } from './money';
import { messages as listMessages } from './messages';
import { messages } from './run-messages';
import { RunStatusChip } from './run-status';
import { runTime } from './run-table';
import { lasted } from './tree';

export interface RunHeaderProps {
  run: RunRow;
  steps: RunSteps | undefined;
  /** The step to rerun from, when one is selected that a run can start from. */
  from: string | null;
  now: number;
  onCompare: () => void;
}

/** Time in which a person was waited for. */
function waited(steps: RunSteps | undefined, now: number): number {
  return (steps?.steps ?? [])
    .filter(({ kind }) => kind === 'wait')
    .reduce((sum, step) => sum + lasted(step, now), 0);
}

function useTimes({ run, steps, now }: FactProps): ReactNode[] {
  const t = useT(messages);
  const began = run.started_at ? Date.parse(run.started_at) : now;
  const queued = began - Date.parse(run.created_at);
  const person = waited(steps, now);
  const working = runTime(run, now);
  return [
    working !== null && t('ranFor', { time: formatDuration(working - person) }),
    queued >= 1000 && t('queuedFor', { time: formatDuration(queued) }),
    person > 0 && t('waitedFor', { time: formatDuration(person) }),
  ];
}

function useAgentName(agent: RunRow['agent']): string | null {
  const t = useT(messages);
  if (agent?.version == null) return agent?.name ?? null;
  return t('agentVersion', { name: agent.name, version: agent.version });
}

type FactProps = Pick<RunHeaderProps, 'run' | 'steps' | 'now'>;

function FactLine(props: FactProps) {
  const t = useT(messages);
  const { run } = props;
  const { usage } = run;
  const facts: ReactNode[] = [
    useAgentName(run.agent),
    t('byPerson', { name: run.started_by.name }),
    <Time key="at" iso={run.created_at} style="clock" />,
    ...useTimes(props),
    run.queue_position != null && t('queuePosition', { place: run.queue_position }),
    usage &&
      t('tokens', {
        given: formatCompact(usage.input_tokens),
        made: formatCompact(usage.output_tokens),
      }),
    <RunCost key="cost" run={run} />,
    run.model?.name ?? UNKNOWN,
    run.attempt > 1 && t('attempts', { count: run.attempt }),
  ];
  return (
    // The dot before the first fact of each line is cut off.
    <div className="overflow-hidden">
      <ul className="nums -ml-4 flex flex-wrap gap-y-0.5 text-sm text-muted">
        {facts.filter(Boolean).map((fact, index) => (
          <li
            key={index}
            className="before:inline-block before:w-4 before:text-center before:content-['·']"
          >
            {fact}
          </li>
        ))}
      </ul>
    </div>
  );
}

function useActions(run: RunRow) {
  const t = useT(messages);
  const client = useQueryClient();
  const navigate = useNavigate();
  const again = useMutation({
    mutationFn: (from: string | null) => rerun(run.id, from),
    onSuccess: async ({ run_id: made }) => {
      await navigate({ to: '/runs/$run', params: { run: made } });
      toast({ title: t('rerunStarted') });
    },
    onError: (error) => toast({ title: t('rerunFailed'), detail: error.message, tone: 'danger' }),
  });
  const stop = useMutation({
    mutationFn: () => stopRun(run.id),
    onSettled: () => client.invalidateQueries({ queryKey: ['runs', run.id] }),
  });
  return { again, stop };
}

/** Others see a run in the background that asked or told them something, and do no more. */
function useMay(run: RunRow) {
  const can = useCan();
  return {
    stop: run.mine && isActive(run) && can('run:stop'),
    rerun: run.mine && can('thread:update'),
  };
}

function Actions({ run, from, onCompare }: Pick<RunHeaderProps, 'run' | 'from' | 'onCompare'>) {
  const t = useT(messages);
  const may = useMay(run);
  const { again, stop } = useActions(run);
  const copyLink = async () => {
    const copied = await copyText(window.location.href);
    toast(copied ? { title: t('linkCopied') } : { title: t('linkKept'), tone: 'danger' });
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      {run.thread_id !== null && run.kind === 'chat' ? (
        <Link
          to="/chats/$thread"
          params={{ thread: run.thread_id }}
          search={run.message_id ? { m: run.message_id } : {}}
          className={buttonClass('ghost')}
        >
          <MessagesSquare aria-hidden className="size-4" />
          {t('openThread')}
        </Link>
      ) : null}
      {may.stop ? (
        <Button
          icon={<Square aria-hidden className="size-3.5" />}
          loading={stop.isPending}
          onClick={() => stop.mutate()}
        >
          {t('stop')}
        </Button>
      ) : null}
      {may.rerun ? (
        <Button
          icon={<RotateCcw aria-hidden className="size-4" />}
          loading={again.isPending}
          onClick={() => again.mutate(null)}
        >
          {t('rerun')}
        </Button>
      ) : null}
      <Menu
        label={t('more')}
        trigger={
          <IconButton
            label={t('more')}
            variant="secondary"
            tooltip={false}
            icon={<Ellipsis aria-hidden className="size-4" />}
          />
        }
      >
        {may.rerun ? (
          <MenuItem disabled={from === null} onSelect={() => again.mutate(from)}>
            {t('rerunFrom')}
          </MenuItem>
        ) : null}
        <MenuItem onSelect={onCompare}>{t('compare')}</MenuItem>
        <MenuItem asChild>
          <a href={exportUrl(run.id)} download>
            {t('export')}
          </a>
        </MenuItem>
        <MenuItem onSelect={() => void copyLink()}>{t('copyLink')}</MenuItem>
      </Menu>
    </div>
  );
}

/** What the run was, how it stands, what it took, and what can be done with it. */
export function RunHeader(props: RunHeaderProps) {
  const list = useT(listMessages);
  const { run } = props;
  return (
    <header className="flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-line px-4 py-3 sm:px-6">
      <div className="flex min-w-0 flex-1 basis-72 flex-col gap-1">
        <div className="flex min-w-0 items-center gap-2">
          <RunStatusChip status={run.status} />
          <div className="line-clamp-1 min-w-0">
            <PageHeading>{run.title || list('untitled')}</PageHeading>
          </div>
        </div>
        <FactLine {...props} />
      </div>
      <Actions {...props} />
    </header>
  );
}

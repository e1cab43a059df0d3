import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { RunRow } from '@/api/types';
import { formatCompact, formatCount, formatDuration } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Chip, Table, Time, type TableColumn } from '@/ui';
import { RunCost } from './money';
import { messages } from './messages';
import { RunStatusChip } from './run-status';

/** From the first moment of work to its end, or to now. */
export function runTime(run: RunRow, now: number): number | null {
  if (!run.started_at) return null;
  const end = run.finished_at ? Date.parse(run.finished_at) : now;
  return Math.max(0, end - Date.parse(run.started_at));
}

export const runTokens = (run: RunRow): number | null => {
  const { input_tokens: given, output_tokens: made } = run.usage ?? {};
  return given == null && made == null ? null : (given ?? 0) + (made ?? 0);
};

/** Failed calls, and the failure of the run itself. */
export const runErrors = ({ error_count: calls, status }: RunRow): number | null =>
  calls === null ? null : calls + (status === 'failed' ? 1 : 0);

function What({ run }: { run: RunRow }) {
  const t = useT(messages);
  return (
    <span className="flex max-w-[55vw] min-w-0 flex-wrap items-center gap-x-2 md:max-w-52 md:flex-nowrap 2xl:max-w-md">
      <Link
        to="/runs/$run"
        params={{ run: run.id }}
        className="block min-w-0 truncate font-strong hover:underline"
      >
        {run.title || t('untitled')}
      </Link>
      {run.kind === 'chat' ? null : <Chip>{t(`kind_${run.kind}`)}</Chip>}
      <span className="w-full text-xs text-subtle md:hidden">
        <Time iso={run.created_at} style="clock" />
      </span>
    </span>
  );
}

function useColumns(now: number): TableColumn<RunRow>[] {
  const t = useT(messages);
  return useMemo(
    () => [
      { key: 'status', header: t('status'), cell: (run) => <RunStatusChip status={run.status} /> },
      { key: 'what', header: t('what'), cell: (run) => <What run={run} /> },
      {
        key: 'agent',
        header: t('agent'),
        wide: true,
        cell: (run) => (
          <span className="block max-w-36 truncate text-muted">{run.agent?.name ?? ''}</span>
        ),
      },
      {
        key: 'by',
        header: t('startedBy'),
        wide: 'very',
        cell: (run) => (
          <span className="block max-w-36 truncate text-muted">{run.started_by.name}</span>
        ),
      },
      {
        key: 'started',
        header: t('started'),
        wide: true,
        cell: (run) => (
          <span className="text-muted">
            <Time iso={run.created_at} style="clock" />
          </span>
        ),
      },
      number('duration', t('duration'), (run) => formatDuration(runTime(run, now))),
      number('tokens', t('tokens'), (run) => (
        <span title={formatCount(runTokens(run))}>{formatCompact(runTokens(run))}</span>
      )),
      number('cost', t('cost'), (run) => <RunCost run={run} />),
      { ...number('steps', t('steps'), (run) => formatCount(run.step_count)), wide: 'very' },
      number('errors', t('errors'), (run) => (
        <span className={runErrors(run) ? 'font-strong text-danger' : undefined}>
          {formatCount(runErrors(run))}
        </span>
      )),
    ],
    [t, now],
  );
}

function number(
  key: string,
  header: string,
  show: (run: RunRow) => React.ReactNode,
): TableColumn<RunRow> {
  return {
    key,
    header,
    align: 'right',
    wide: true,
    cell: (run) => <span className="nums whitespace-nowrap text-muted">{show(run)}</span>,
  };
}

/** One line per run, newest first; on a phone only state, question and time remain. */
export function RunTable({ runs, now }: { runs: readonly RunRow[]; now: number }) {
  const t = useT(messages);
  const columns = useColumns(now);
  return <Table label={t('runs')} columns={columns} rows={runs} rowKey={(run) => run.id} />;
}

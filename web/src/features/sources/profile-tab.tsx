import { useQuery } from '@tanstack/react-query';
import { ChartColumn, CircleStop } from 'lucide-react';
import { useCan } from '@/api/resources';
import type { Source, TableProfile } from '@/api/types';
import { formatRelative } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, EmptyState, ErrorPanel, SkeletonRows } from '@/ui';
import { profileQuery, useProfileRun } from './api';
import { messages } from './messages';
import { OneTable } from './one-table';
import { ProfileColumn } from './profile-column';
import { profileMessages } from './profile-messages';
import { ProfileSummary } from './profile-summary';

function Running({ profile }: { profile: TableProfile }) {
  const t = useT(profileMessages);
  const { done = 0, total = 1, step = '…' } = profile.progress ?? {};
  const label = t('running', { step });
  return (
    <div role="status" className="flex items-center gap-3 text-sm text-muted">
      <progress
        aria-label={label}
        value={done}
        max={Math.max(1, total)}
        className="h-1.5 w-40 accent-[var(--accent-solid)]"
      />
      {label}
    </div>
  );
}

interface RunProps {
  profile: TableProfile;
  run: ReturnType<typeof useProfileRun>;
}

function StartButton({ profile, run }: RunProps) {
  const t = useT(profileMessages);
  const again = profile.profile !== null;
  if (!useCan()('query:run')) return null;
  return (
    <Button
      variant={again ? 'secondary' : 'primary'}
      icon={<ChartColumn aria-hidden className="size-4" />}
      loading={run.isPending}
      onClick={() => run.mutate('start')}
    >
      {t(again ? 'again' : 'start')}
    </Button>
  );
}

function StopButton({ run }: Pick<RunProps, 'run'>) {
  const t = useT(profileMessages);
  if (!useCan()('query:run')) return null;
  return (
    <Button
      size="sm"
      icon={<CircleStop aria-hidden className="size-4" />}
      onClick={() => run.mutate('stop')}
    >
      {t('stop')}
    </Button>
  );
}

function Head({ profile, run }: RunProps) {
  const t = useT(profileMessages);
  if (profile.status === 'running') {
    return (
      <div className="flex flex-wrap items-center gap-3">
        <Running profile={profile} />
        <StopButton run={run} />
      </div>
    );
  }
  if (!profile.profile) return null;
  return (
    <div className="flex flex-wrap items-center gap-3">
      <StartButton profile={profile} run={run} />
      <span className="text-xs text-subtle">
        {profile.finished_at ? t('made', { when: formatRelative(profile.finished_at) }) : null}
      </span>
    </div>
  );
}

function Failure({ profile }: { profile: TableProfile }) {
  const t = useT(profileMessages);
  const error = profile.status === 'failed' ? profile.error : null;
  if (!error) return null;
  return (
    <div
      role="alert"
      className="rounded-lg border border-line bg-warning-soft px-4 py-3 text-sm text-warning"
    >
      <p className="font-strong">{t('failed')}</p>
      <p className="break-words">{error.message}</p>
      {error.hint ? <p className="break-words">{error.hint}</p> : null}
    </div>
  );
}

function Body({ profile, run }: RunProps) {
  const t = useT(profileMessages);
  if (profile.profile) {
    return (
      <>
        <ProfileSummary facts={profile.profile} />
        <ul
          aria-label={t('columnList', { table: profile.table })}
          className="rounded-lg border border-line bg-surface shadow-card"
        >
          {profile.profile.columns.map((column) => (
            <ProfileColumn key={column.name} column={column} />
          ))}
        </ul>
      </>
    );
  }
  if (profile.status === 'running') return null;
  return (
    <EmptyState
      icon={<ChartColumn aria-hidden />}
      title={t('none')}
      actions={<StartButton profile={profile} run={run} />}
    >
      {t('noneBody')}
    </EmptyState>
  );
}

function TablePanel({ source, table }: { source: Source; table: string }) {
  const t = useT(messages);
  const query = useQuery(profileQuery(source.id, table));
  const run = useProfileRun(source.id, table);
  if (query.error) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={6} label={t('loading')} />;
  return (
    <div className="flex flex-col gap-4">
      <Head profile={query.data} run={run} />
      {run.error ? <ErrorPanel error={run.error} /> : null}
      <Failure profile={query.data} />
      <Body profile={query.data} run={run} />
    </div>
  );
}

/** What the columns of one table hold, as small charts. */
export function ProfileTab({ source, table }: { source: Source; table: string | undefined }) {
  return (
    <OneTable source={source} table={table} tab="profile">
      {(chosen) => <TablePanel key={chosen} source={source} table={chosen} />}
    </OneTable>
  );
}

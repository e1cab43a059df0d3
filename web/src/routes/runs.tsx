import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Activity } from 'lucide-react';
import { useCallback } from 'react';
import { agentsQuery, sourcesQuery } from '@/api/resources';
import type { RunRow } from '@/api/types';
import {
  HistogramPlace,
  histogramOptions,
  isActive,
  isPeriod,
  runMessages,
  runsOptions,
  RunFilterBar,
  RunsHistogram,
  RunTable,
  type Period,
  type RunFilters,
} from '@/features/run-pages';
import { useT } from '@/lib/i18n';
import { useNow } from '@/lib/use-now';
import { Button, EmptyState, ErrorPanel, MoreButton, Page, SkeletonRows } from '@/ui';
import { StartRunButton } from './start-run';

const route = getRouteApi('/shell/runs');
const DEFAULT: Period = '7d';

function useFilters() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const filters: RunFilters = { ...search, since: isPeriod(search.since) ? search.since : DEFAULT };
  const change = useCallback(
    (changed: Partial<RunFilters>) => {
      void navigate({
        to: '/runs',
        replace: true,
        search: (before) => {
          const next: RunFilters = { ...before, since: DEFAULT, ...pickSince(before), ...changed };
          const { since, ...rest } = next;
          return since === DEFAULT ? rest : { ...rest, since };
        },
      });
    },
    [navigate],
  );
  return { filters, change };
}

const CLEAR: Partial<RunFilters> = {
  q: undefined,
  status: undefined,
  kind: undefined,
  agent: undefined,
  source: undefined,
};

const pickSince = ({ since }: { since?: string }) => (isPeriod(since) ? { since } : {});

interface NothingProps {
  /** More than the period narrows the list. */
  filtered: boolean;
  onPeriod: (since: Period) => void;
  onClear: () => void;
}

function Nothing({ filtered, onPeriod, onClear }: NothingProps) {
  const t = useT(runMessages);
  if (filtered)
    return (
      <EmptyState
        icon={<Activity aria-hidden />}
        title={t('noMatch')}
        actions={<Button onClick={onClear}>{t('clearFilters')}</Button>}
      />
    );
  return (
    <EmptyState
      icon={<Activity aria-hidden />}
      title={t('empty')}
      actions={
        <>
          <Button onClick={() => onPeriod('7d')}>{t('last7')}</Button>
          <Button onClick={() => onPeriod('all')}>{t('allTime')}</Button>
        </>
      }
    >
      {t('emptyBody')}
    </EmptyState>
  );
}

function Found({ runs, ...nothing }: NothingProps & { runs: RunRow[] }) {
  const now = useNow(runs.some(isActive));
  if (runs.length === 0) return <Nothing {...nothing} />;
  return <RunTable runs={runs} now={now} />;
}

interface StatusProps {
  error: Error | null;
  pending: boolean;
  onRetry: () => void;
}

function Status({ error, pending, onRetry }: StatusProps) {
  const t = useT(runMessages);
  if (error) return <ErrorPanel error={error} title={t('failed')} onRetry={onRetry} />;
  return pending ? <SkeletonRows rows={8} label={t('loading')} /> : null;
}

export function RunsPage() {
  const t = useT(runMessages);
  const { filters, change } = useFilters();
  const { q, status, kind, agent, source } = filters;
  const runs = useInfiniteQuery(runsOptions(filters));
  const histogram = useQuery(histogramOptions(filters));
  const agents = useQuery(agentsQuery).data?.data ?? [];
  const sources = useQuery(sourcesQuery).data?.data ?? [];
  const found = runs.data?.pages.flatMap(({ data }) => data);
  return (
    <Page title={t('runs')} description={t('lead')} actions={<StartRunButton />}>
      <RunFilterBar filters={filters} agents={agents} sources={sources} onChange={change} />
      {histogram.isPending ? <HistogramPlace /> : null}
      {histogram.data && histogram.data.total > 0 ? <RunsHistogram data={histogram.data} /> : null}
      <Status error={runs.error} pending={runs.isPending} onRetry={() => void runs.refetch()} />
      {found ? (
        <Found
          runs={found}
          filtered={[q, status, kind, agent, source].some((value) => value !== undefined)}
          onPeriod={(since) => change({ since })}
          onClear={() => change(CLEAR)}
        />
      ) : null}
      <MoreButton list={runs} label={t('more')} />
    </Page>
  );
}

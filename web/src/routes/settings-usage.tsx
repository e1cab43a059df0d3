import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { ChartColumn, Plus } from 'lucide-react';
import { useState } from 'react';
import { agentsQuery, useCan } from '@/api/resources';
import type { UsageGroup, UsageReport } from '@/api/types';
import {
  BudgetDialog,
  BudgetList,
  budgetsQuery,
  daily,
  messages,
  totals,
  UsageChart,
  UsageTable,
  usageQuery,
} from '@/features/usage';
import { useT } from '@/lib/i18n';
import { Button, Card, EmptyState, ErrorPanel, Field, Page, Select, SkeletonRows } from '@/ui';

const route = getRouteApi('/shell/settings-layout/settings/usage');

function Report({ report }: { report: UsageReport }) {
  const t = useT(messages);
  const agents = useQuery(agentsQuery).data?.data ?? [];
  const rows = totals(report).map((total) => ({
    ...total,
    label: total.name ?? agents.find(({ id }) => id === total.key)?.name ?? t('unknown'),
  }));
  if (rows.length === 0) {
    return (
      <EmptyState icon={<ChartColumn aria-hidden />} title={t('empty')}>
        {t('emptyBody')}
      </EmptyState>
    );
  }
  return (
    <>
      <Card>
        <UsageChart
          days={daily(
            report,
            rows.map((row) => row.key),
          )}
          names={rows.map((row) => row.label)}
        />
      </Card>
      <UsageTable rows={rows} />
      {rows.some((row) => row.unpriced > 0 || row.uncounted > 0) ? (
        <p className="text-xs text-subtle">{t('unpricedNote')}</p>
      ) : null}
    </>
  );
}

function Budgets() {
  const t = useT(messages);
  const manage = useCan()('budget:manage');
  const budgets = useQuery(budgetsQuery);
  const [adding, setAdding] = useState(false);
  return (
    <section className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="text-title-sm">{t('budgets')}</h2>
        {manage ? (
          <Button icon={<Plus aria-hidden className="size-4" />} onClick={() => setAdding(true)}>
            {t('addBudget')}
          </Button>
        ) : null}
      </div>
      {budgets.isPending ? <SkeletonRows rows={2} label={t('loading')} /> : null}
      {budgets.error ? (
        <ErrorPanel error={budgets.error} onRetry={() => void budgets.refetch()} />
      ) : null}
      {budgets.data?.length === 0 ? <p className="text-sm text-muted">{t('noBudgets')}</p> : null}
      {budgets.data && budgets.data.length > 0 ? (
        <BudgetList budgets={budgets.data} manage={manage} />
      ) : null}
      {adding ? <BudgetDialog onClose={() => setAdding(false)} /> : null}
    </section>
  );
}

const GROUPS = ['model', 'agent', 'member'] as const;
const PERIODS = { '7d': 7, '30d': 30, '90d': 90 } as const;
type Period = keyof typeof PERIODS;
const SPANS = Object.keys(PERIODS) as Period[];

/** What is counted, and how far back: both are in the address. */
function useView() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const group: UsageGroup = GROUPS.find((one) => one === search.by) ?? 'model';
  const since = SPANS.find((one) => one === search.since) ?? '30d';
  const change = (changed: { by?: string; since?: string }) =>
    void navigate({ to: '/settings/usage', search: { ...search, ...changed }, replace: true });
  return { group, since, change };
}

export function UsagePage() {
  const t = useT(messages);
  const { group, since, change } = useView();
  const usage = useQuery(usageQuery(group, PERIODS[since]));
  const groupNames = { model: t('model'), agent: t('agent'), member: t('memberGroup') };
  return (
    <Page title={t('title')} description={t('lead')}>
      <div className="flex flex-wrap gap-3">
        <Field label={t('by')} className="w-40">
          {(control) => (
            <Select
              {...control}
              value={group}
              onChange={(by) => change({ by })}
              options={GROUPS.map((value) => ({ value, label: groupNames[value] }))}
            />
          )}
        </Field>
        <Field label={t('span')} className="w-40">
          {(control) => (
            <Select
              {...control}
              value={since}
              onChange={(value) => change({ since: value })}
              options={SPANS.map((value) => ({
                value,
                label: t('lastDays', { count: PERIODS[value] }),
              }))}
            />
          )}
        </Field>
      </div>
      {usage.isPending ? <SkeletonRows label={t('loading')} /> : null}
      {usage.error ? <ErrorPanel error={usage.error} onRetry={() => void usage.refetch()} /> : null}
      {usage.data ? <Report report={usage.data} /> : null}
      <Budgets />
    </Page>
  );
}

import { useQuery } from '@tanstack/react-query';
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

export function UsagePage() {
  const t = useT(messages);
  const [group, setGroup] = useState<UsageGroup>('model');
  const [days, setDays] = useState('30');
  const usage = useQuery(usageQuery(group, Number(days)));
  return (
    <Page title={t('title')} description={t('lead')}>
      <div className="flex flex-wrap gap-3">
        <Field label={t('by')} className="w-40">
          {(control) => (
            <Select
              {...control}
              value={group}
              onChange={(value) => setGroup(value as UsageGroup)}
              options={[
                { value: 'model', label: t('model') },
                { value: 'agent', label: t('agent') },
                { value: 'member', label: t('memberGroup') },
              ]}
            />
          )}
        </Field>
        <Field label={t('span')} className="w-28">
          {(control) => (
            <Select
              {...control}
              value={days}
              onChange={setDays}
              options={['7', '30', '90'].map((value) => ({ value, label: value }))}
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

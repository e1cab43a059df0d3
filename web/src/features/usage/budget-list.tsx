import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Trash2, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { agentsQuery, membersQuery, useCan } from '@/api/resources';
import type { Budget } from '@/api/types';
import { formatCount, formatMoney } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Card, Chip, Confirm, IconButton } from '@/ui';
import { budgetsQuery, deleteBudget } from './api';
import { messages } from './messages';

const amount = ({ unit }: Budget, value: string | number) =>
  unit === 'usd' ? formatMoney(value) : formatCount(Number(value));

/** Spent and set aside in the fullest of the windows that are open now. */
function usedOf({ windows }: Budget): number {
  const [fullest] = windows;
  return fullest === undefined ? 0 : Number(fullest.spent) + Number(fullest.reserved);
}

function Gauge({ budget }: { budget: Budget }) {
  const t = useT(messages);
  const limit = budget.hard_limit ?? budget.soft_limit ?? '0';
  const used = usedOf(budget);
  const share = Math.min(1, used / Number(limit));
  const soft = budget.soft_limit !== null && used >= Number(budget.soft_limit);
  const text = t('usedOf', { used: amount(budget, used), limit: amount(budget, limit) });
  if (budget.period === 'run') {
    return (
      <p className="min-w-0 flex-1 basis-48 text-sm text-muted">
        {t('perRun', { limit: amount(budget, limit) })}
      </p>
    );
  }
  return (
    <div className="flex min-w-0 flex-1 basis-48 flex-col gap-1">
      <div
        role="meter"
        aria-label={text}
        aria-valuemin={0}
        aria-valuemax={Number(limit)}
        aria-valuenow={used}
        className="h-1.5 overflow-hidden rounded-full bg-sunken"
      >
        <div
          className={`h-full ${soft ? 'bg-warning' : 'bg-accent-solid'}`}
          style={{ width: `${share * 100}%` }}
        />
      </div>
      <p className="flex flex-wrap items-center gap-2 text-xs text-muted nums">
        {text}
        {soft ? (
          <Chip tone="warning" icon={<TriangleAlert aria-hidden />}>
            {t('softReached')}
          </Chip>
        ) : null}
      </p>
    </div>
  );
}

const nameIn = (all: readonly { id: string; name: string }[] | undefined, wanted: string | null) =>
  all?.find(({ id }) => id === wanted)?.name;

/** Whose the budget is: one member or agent by name, or each of them. */
function useNamed({ subject, member_id: member, agent_id: agent }: Budget): string {
  const t = useT(messages);
  const may = useCan()('member:get');
  const members = useQuery({ ...membersQuery, enabled: may && member !== null });
  const agents = useQuery({ ...agentsQuery, enabled: agent !== null });
  const people = members.data?.map(({ user }) => user);
  if (member !== null) return nameIn(people, member) ?? t('oneMember');
  if (agent !== null) return nameIn(agents.data?.data, agent) ?? t('oneAgent');
  return t(subject === 'member' ? 'eachMember' : 'eachAgent');
}

function useName(budget: Budget): string {
  const t = useT(messages);
  const { subject, unit, period } = budget;
  return t('budgetName', { subject, named: useNamed(budget), unit, period });
}

function Row({ budget, manage }: { budget: Budget; manage: boolean }) {
  const t = useT(messages);
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const name = useName(budget);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <h3 className="min-w-0 flex-1 basis-48 text-sm font-strong">{name}</h3>
      <Gauge budget={budget} />
      {manage ? (
        <IconButton
          label={t('removeBudget', { name })}
          icon={<Trash2 aria-hidden className="size-4" />}
          onClick={() => setAsking(true)}
        />
      ) : null}
      <Confirm
        open={asking}
        title={t('removeTitle')}
        action={t('removeAction')}
        onConfirm={async () => {
          await deleteBudget(budget.id);
          await queryClient.invalidateQueries(budgetsQuery);
        }}
        onClose={() => setAsking(false)}
      >
        {t('removeBody')}
      </Confirm>
    </li>
  );
}

export function BudgetList({ budgets, manage }: { budgets: readonly Budget[]; manage: boolean }) {
  return (
    <Card flush>
      <ul className="divide-y divide-line">
        {budgets.map((budget) => (
          <Row key={budget.id} budget={budget} manage={manage} />
        ))}
      </ul>
    </Card>
  );
}

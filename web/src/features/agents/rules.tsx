import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import type { ApprovalRule } from '@/api/types';
import { defineMessages, useT } from '@/lib/i18n';
import { Button, Card, Chip, Confirm, ErrorPanel, SkeletonRows, Time, toast } from '@/ui';

const messages = defineMessages({
  en: {
    title: 'Always allowed',
    lead: 'Calls that this agent makes without asking. A rule is saved from a request in the inbox, under More actions.',
    none: 'Nothing: every call that needs a person is asked about.',
    loading: 'Loading rules',
    rule: 'Rule {number}',
    allowedBy: 'Allowed by {name}',
    request: 'The request it was made from',
    used: '{count, plural, =0 {Not used yet} one {Used once} other {Used # times}}',
    last: 'last',
    ended: 'Not applied',
    delete: 'Delete',
    deleteOne: 'Delete rule {number}',
    confirmTitle: 'Delete rule {number}?',
    confirmBody: 'Such calls are asked about again. What it has allowed stays in the ledgers.',
    deleted: 'Rule {number} is deleted',
  },
  fr: {
    title: 'Toujours permis',
    lead: 'Les appels que cet agent fait sans demander. Une règle s’enregistre depuis une demande de la boîte de réception, sous Autres actions.',
    none: 'Rien : tout appel qui requiert une personne est demandé.',
    loading: 'Chargement des règles',
    rule: 'Règle {number}',
    allowedBy: 'Permis par {name}',
    request: 'La demande dont elle vient',
    used: '{count, plural, =0 {Pas encore utilisée} one {Utilisée une fois} other {Utilisée # fois}}',
    last: 'dernière',
    ended: 'Pas appliquée',
    delete: 'Supprimer',
    deleteOne: 'Supprimer la règle {number}',
    confirmTitle: 'Supprimer la règle {number} ?',
    confirmBody:
      'De tels appels seront de nouveau demandés. Ce qu’elle a permis reste dans les registres.',
    deleted: 'La règle {number} est supprimée',
  },
});

function useRules(agent: string) {
  const client = useQueryClient();
  const key = ['agents', agent, 'rules'];
  const list = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.list<ApprovalRule>(`/agents/${agent}/rules`, { signal }),
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.delete(`/agents/${agent}/rules/${id}`),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
  return { list, remove };
}

interface ItemProps {
  rule: ApprovalRule;
  onDelete: (() => void) | null;
}

function Item({ rule, onDelete }: ItemProps) {
  const t = useT(messages);
  return (
    <li className="flex items-start gap-3 py-3">
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p className="flex flex-wrap items-center gap-2 text-xs text-subtle">
          {t('rule', { number: rule.number })}
          {rule.holds ? null : <Chip tone="warning">{t('ended')}</Chip>}
        </p>
        <p className="text-sm font-strong break-words">{rule.sentence}</p>
        {rule.why_not ? <p className="text-sm text-warning">{rule.why_not}</p> : null}
        <p className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-subtle">
          <span>
            {t('allowedBy', { name: rule.saved_by.name })} · <Time iso={rule.created_at} />
          </span>
          <span>
            {t('used', { count: rule.uses })}
            {rule.last_used_at ? (
              <>
                {`, ${t('last')} `}
                <Time iso={rule.last_used_at} />
              </>
            ) : null}
          </span>
          {rule.request_id ? (
            <Link
              to="/inbox/$request"
              params={{ request: rule.request_id }}
              className="text-accent hover:underline"
            >
              {t('request')}
            </Link>
          ) : null}
        </p>
      </div>
      {onDelete ? (
        <Button size="sm" aria-label={t('deleteOne', { number: rule.number })} onClick={onDelete}>
          {t('delete')}
        </Button>
      ) : null}
    </li>
  );
}

/** The standing approvals of an agent: what it does without asking, by whom, how often. */
export default function Rules({ agent, manage }: { agent: string; manage: boolean }) {
  const t = useT(messages);
  const { list, remove } = useRules(agent);
  const [chosen, setChosen] = useState<ApprovalRule | null>(null);
  return (
    <div className="max-w-3xl">
      <Card title={t('title')} description={t('lead')}>
        {list.error ? <ErrorPanel error={list.error} onRetry={() => void list.refetch()} /> : null}
        {list.isPending ? <SkeletonRows rows={3} label={t('loading')} /> : null}
        {list.data?.length === 0 ? <p className="text-sm text-subtle">{t('none')}</p> : null}
        {list.data && list.data.length > 0 ? (
          <ul className="divide-y divide-line">
            {list.data.map((rule) => (
              <Item key={rule.id} rule={rule} onDelete={manage ? () => setChosen(rule) : null} />
            ))}
          </ul>
        ) : null}
      </Card>
      {chosen ? (
        <Confirm
          open
          title={t('confirmTitle', { number: chosen.number })}
          action={t('delete')}
          onClose={() => setChosen(null)}
          onConfirm={async () => {
            await remove.mutateAsync(chosen.id);
            toast({ title: t('deleted', { number: chosen.number }) });
          }}
        >
          {t('confirmBody')}
        </Confirm>
      ) : null}
    </div>
  );
}

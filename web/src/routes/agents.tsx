import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Bot, Plus } from 'lucide-react';
import { useState } from 'react';
import { agentsQuery, useCan } from '@/api/resources';
import { AgentTable, archivedQuery, messages, NewAgent } from '@/features/agents';
import { useT } from '@/lib/i18n';
import { Button, EmptyState, ErrorPanel, Page, SkeletonRows } from '@/ui';

function Archived() {
  const t = useT(messages);
  const archived = useQuery(archivedQuery);
  const agents = archived.data?.data ?? [];
  if (archived.error && agents.length === 0)
    return <ErrorPanel error={archived.error} onRetry={() => void archived.refetch()} />;
  if (agents.length === 0) return null;
  return (
    <details className="text-sm">
      <summary className="mb-2 min-h-6 cursor-pointer text-muted">
        {t('archived')} ({agents.length})
      </summary>
      <AgentTable agents={agents} />
    </details>
  );
}

export function AgentsPage() {
  const t = useT(messages);
  const manage = useCan()('agent:manage');
  const navigate = useNavigate();
  const agents = useQuery(agentsQuery);
  const [adding, setAdding] = useState(false);
  const add = (
    <Button
      variant="primary"
      icon={<Plus aria-hidden className="size-4" />}
      onClick={() => setAdding(true)}
    >
      {t('create')}
    </Button>
  );
  const open = (agent: string) => void navigate({ to: '/agents/$agent', params: { agent } });
  return (
    <Page title={t('title')} description={t('lead')} actions={manage ? add : null}>
      {agents.isPending ? <SkeletonRows label={t('loading')} /> : null}
      {agents.error ? (
        <ErrorPanel error={agents.error} onRetry={() => void agents.refetch()} />
      ) : null}
      {agents.data?.data.length === 0 ? (
        <EmptyState icon={<Bot aria-hidden />} title={t('empty')}>
          {t('emptyBody')}
        </EmptyState>
      ) : null}
      {agents.data && agents.data.data.length > 0 ? <AgentTable agents={agents.data.data} /> : null}
      {agents.data ? <Archived /> : null}
      {adding ? <NewAgent onClose={() => setAdding(false)} onMade={open} /> : null}
    </Page>
  );
}

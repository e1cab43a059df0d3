import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Lock } from 'lucide-react';
import { modelsQuery } from '@/api/resources';
import type { Agent } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Chip, Table, Time } from '@/ui';
import { messages } from './messages';

export function AgentState({ agent }: { agent: Agent }) {
  const t = useT(messages);
  const { published_version: version } = agent;
  return (
    <span className="flex flex-wrap items-center gap-1">
      {agent.archived_at ? <Chip>{t('archived')}</Chip> : null}
      {version === null ? (
        <Chip tone="warning">{t('unpublished')}</Chip>
      ) : (
        <Chip>{t('published', { version })}</Chip>
      )}
      {version !== null && agent.has_changes ? <Chip tone="accent">{t('changes')}</Chip> : null}
      {agent.visibility === 'private' ? (
        <Chip icon={<Lock aria-hidden />}>{t('private')}</Chip>
      ) : null}
    </span>
  );
}

export function AgentTable({ agents }: { agents: Agent[] }) {
  const t = useT(messages);
  const models = useQuery(modelsQuery).data?.data;
  const model = (id: string | null) => {
    if (id === null) return t('defaultModel');
    return models ? (models.find((one) => one.id === id)?.name ?? t('modelGone')) : '—';
  };
  return (
    <Table
      label={t('title')}
      rows={agents}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'name',
          header: t('name'),
          cell: ({ id, name, description }) => (
            <span className="block min-w-40">
              <Link
                to="/agents/$agent"
                params={{ agent: id }}
                className="font-strong text-accent hover:underline"
              >
                {name}
              </Link>
              <span className="block text-xs text-subtle">{description}</span>
            </span>
          ),
        },
        {
          key: 'model',
          header: t('model'),
          wide: true,
          cell: ({ model_id: id }) => (
            <span className="text-muted lg:whitespace-nowrap">{model(id)}</span>
          ),
        },
        {
          key: 'sources',
          header: t('sources'),
          wide: true,
          cell: ({ source_ids: ids }) => (
            <span className="text-muted lg:whitespace-nowrap">
              {ids === null ? t('chatSources') : t('sourceCount', { count: ids.length })}
            </span>
          ),
        },
        {
          key: 'owner',
          header: t('owner'),
          wide: true,
          cell: ({ owner, builtin }) => (
            <span className="text-muted lg:whitespace-nowrap">
              {owner?.name ?? (builtin ? t('builtin') : '—')}
            </span>
          ),
        },
        {
          key: 'ran',
          header: t('lastRun'),
          wide: true,
          cell: ({ last_run_at: at }) => (
            <span className="text-muted">{at === null ? t('never') : <Time iso={at} />}</span>
          ),
        },
        { key: 'state', header: t('state'), cell: (agent) => <AgentState agent={agent} /> },
      ]}
    />
  );
}

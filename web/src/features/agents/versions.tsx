import { useMutation, useQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { useState } from 'react';
import type { AgentChange, AgentDetail, AgentDiff, AgentVersion } from '@/api/types';
import { useT } from '@/lib/i18n';
import {
  Button,
  Chip,
  EmptyState,
  ErrorPanel,
  LineDiff,
  Select,
  SkeletonRows,
  Table,
  Time,
  toast,
} from '@/ui';
import { diffQuery, restoreVersion, useAgentsChanged, versionsQuery } from './api';
import { messages } from './messages';
import { versionMessages } from './version-messages';

const written = (value: unknown) =>
  value === null || value === undefined
    ? '—'
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);

function Changes({ changes }: { changes: AgentChange[] }) {
  const tv = useT(versionMessages);
  return (
    <Table
      label={tv('compare')}
      rows={changes}
      rowKey={({ path }) => path}
      columns={[
        { key: 'path', header: tv('field'), cell: ({ path }) => <code>{path}</code> },
        { key: 'before', header: tv('before'), cell: ({ before }) => written(before) },
        { key: 'after', header: tv('after'), cell: ({ after }) => written(after) },
      ]}
    />
  );
}

/** What differs, or that nothing does. */
function Difference({ diff }: { diff: AgentDiff }) {
  const t = useT(messages);
  const tv = useT(versionMessages);
  const { changes, lines } = diff;
  const spoken = { removed: tv('linesRemoved'), added: tv('linesAdded') };
  if (changes.length === 0 && lines.length === 0)
    return <p className="text-sm text-muted">{tv('same')}</p>;
  return (
    <>
      {changes.length > 0 ? <Changes changes={changes} /> : null}
      {lines.length > 0 ? (
        <LineDiff lines={lines} label={t('instructions')} spoken={spoken} />
      ) : null}
    </>
  );
}

function Comparison({ agent, versions }: { agent: AgentDetail; versions: AgentVersion[] }) {
  const tv = useT(versionMessages);
  const [from, setFrom] = useState(String(versions[0]?.version));
  const [to, setTo] = useState('draft');
  const diff = useQuery(diffQuery(agent.id, from, to, agent.draft_revision));
  const options = [
    { value: 'draft', label: tv('draft') },
    ...versions.map(({ version }) => ({
      value: String(version),
      label: tv('version', { version }),
    })),
  ];
  const side = (label: string, value: string, onChange: (value: string) => void) => (
    <Select
      className="w-36!"
      aria-label={label}
      value={value}
      options={options}
      onChange={onChange}
    />
  );
  return (
    <section aria-label={tv('compare')} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="text-title-sm">{tv('compare')}</h2>
        {side(tv('before'), from, setFrom)}
        <span className="text-sm text-muted">{tv('compareWith')}</span>
        {side(tv('after'), to, setTo)}
      </div>
      {diff.error ? <ErrorPanel error={diff.error} /> : null}
      {diff.data ? <Difference diff={diff.data} /> : null}
    </section>
  );
}

interface VersionsProps {
  agent: AgentDetail;
  manage: boolean;
}

function List({ agent, manage, versions }: VersionsProps & { versions: AgentVersion[] }) {
  const t = useT(messages);
  const tv = useT(versionMessages);
  const changed = useAgentsChanged();
  const restore = useMutation({
    mutationFn: (version: number) => restoreVersion(agent.id, version),
    onSuccess: async (_, version) => {
      await changed();
      toast({ title: tv('restored', { version }) });
    },
  });
  return (
    <>
      {restore.error ? <ErrorPanel error={restore.error} /> : null}
      <Table
        label={t('versions')}
        rows={versions}
        rowKey={({ version }) => String(version)}
        columns={[
          {
            key: 'version',
            header: tv('one'),
            cell: ({ version, current }) => (
              <span className="flex flex-wrap items-center gap-2">
                {tv('version', { version })}
                {current ? <Chip tone="accent">{tv('current')}</Chip> : null}
              </span>
            ),
          },
          { key: 'note', header: t('note'), cell: ({ note }) => note || '—' },
          {
            key: 'by',
            header: tv('when'),
            wide: true,
            cell: ({ published_by: by, created_at: at }) => (
              <span className="text-muted">
                {by ? `${by.name} · ` : ''}
                <Time iso={at} />
              </span>
            ),
          },
          {
            key: 'actions',
            header: t('actions'),
            quiet: true,
            align: 'right',
            cell: ({ version }) =>
              manage ? (
                <Button
                  size="sm"
                  loading={restore.isPending && restore.variables === version}
                  onClick={() => restore.mutate(version)}
                >
                  {tv('restore')}
                </Button>
              ) : null,
          },
        ]}
      />
    </>
  );
}

/** What was published, what differs, and the way back. */
export function Versions(props: VersionsProps) {
  const t = useT(messages);
  const tv = useT(versionMessages);
  const versions = useQuery(versionsQuery(props.agent.id));
  if (versions.error)
    return <ErrorPanel error={versions.error} onRetry={() => void versions.refetch()} />;
  if (!versions.data) return <SkeletonRows label={t('loading')} />;
  if (versions.data.length === 0)
    return (
      <EmptyState icon={<History aria-hidden />} title={tv('noVersions')}>
        {tv('noVersionsBody')}
      </EmptyState>
    );
  return (
    <div className="flex flex-col gap-6">
      <List {...props} versions={versions.data} />
      <Comparison key={versions.data[0]?.version} agent={props.agent} versions={versions.data} />
    </div>
  );
}

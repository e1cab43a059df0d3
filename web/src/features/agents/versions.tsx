import { useMutation, useQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { useState } from 'react';
import type { AgentDetail, AgentVersion } from '@/api/types';
import { useT } from '@/lib/i18n';
import {
  Button,
  Chip,
  Confirm,
  EmptyState,
  ErrorPanel,
  SkeletonRows,
  Table,
  Time,
  toast,
} from '@/ui';
import { Difference, VersionPair } from '@/ui/versions';
import { diffQuery, restoreVersion, useAgentsChanged, versionsQuery } from './api';
import { useChanges } from './changes';
import { messages } from './messages';
import { versionMessages } from './version-messages';

function Comparison({ agent, versions }: { agent: AgentDetail; versions: AgentVersion[] }) {
  const t = useT(messages);
  const tv = useT(versionMessages);
  const said = useChanges();
  const [newest, earlier] = versions;
  // A draft like what is published tells nothing; what the last version changed does.
  const settled = !agent.has_changes && earlier !== undefined;
  const [from, setFrom] = useState(String((settled ? earlier : newest)?.version));
  const [to, setTo] = useState(settled ? String(newest?.version) : 'draft');
  const diff = useQuery(diffQuery(agent.id, from, to, agent.draft_revision));
  const options = [
    { value: 'draft', label: tv('draft') },
    ...versions.map(({ version }) => ({
      value: String(version),
      label: tv('version', { version }),
    })),
  ];
  return (
    <VersionPair options={options} from={from} to={to} onFrom={setFrom} onTo={setTo}>
      {diff.error ? <ErrorPanel error={diff.error} onRetry={() => void diff.refetch()} /> : null}
      {diff.data ? (
        <Difference
          changes={said(diff.data.changes)}
          texts={[{ label: t('instructions'), lines: diff.data.lines }]}
        />
      ) : null}
    </VersionPair>
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
  const [asked, setAsked] = useState<number | null>(null);
  const restore = useMutation({
    mutationFn: (version: number) => restoreVersion(agent.id, version),
    onSuccess: async (_, version) => {
      await changed();
      toast({ title: tv('restored', { version }) });
    },
  });
  return (
    <>
      {restore.error && asked === null ? <ErrorPanel error={restore.error} /> : null}
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
                  // A draft that nobody has published is nowhere else.
                  onClick={() => (agent.has_changes ? setAsked(version) : restore.mutate(version))}
                >
                  {tv('restore')}
                </Button>
              ) : null,
          },
        ]}
      />
      {asked === null ? null : (
        <Confirm
          open
          title={tv('restoreTitle', { version: asked })}
          action={tv('restore')}
          onConfirm={() => restore.mutateAsync(asked)}
          onClose={() => setAsked(null)}
        >
          <p>{tv('restoreBody')}</p>
        </Confirm>
      )}
    </>
  );
}

/** What was published, what differs, and the way back. */
export function Versions(props: VersionsProps) {
  const t = useT(messages);
  const tv = useT(versionMessages);
  const versions = useQuery(versionsQuery(props.agent.id));
  const failed = versions.error ? (
    <ErrorPanel error={versions.error} onRetry={() => void versions.refetch()} />
  ) : null;
  if (!versions.data) return failed ?? <SkeletonRows label={t('loading')} />;
  if (versions.data.length === 0)
    return (
      <EmptyState icon={<History aria-hidden />} title={tv('noVersions')}>
        {tv('noVersionsBody')}
      </EmptyState>
    );
  return (
    <div className="flex flex-col gap-6">
      {failed}
      <List {...props} versions={versions.data} />
      <Comparison key={versions.data[0]?.version} agent={props.agent} versions={versions.data} />
    </div>
  );
}

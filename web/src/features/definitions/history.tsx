import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Definition, DefinitionVersion } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Chip, ErrorPanel, SkeletonRows, Table, Time } from '@/ui';
import { Difference, VersionPair } from '@/ui/versions';
import { diffQuery, versionsQuery } from './api';
import { messages } from './messages';

interface ComparisonProps {
  id: string;
  versions: DefinitionVersion[];
}

function Comparison({ id, versions }: ComparisonProps) {
  const t = useT(messages);
  const [from, setFrom] = useState(String(versions[1]?.version));
  const [to, setTo] = useState(String(versions[0]?.version));
  const diff = useQuery(diffQuery(id, from, to));
  const said = (field: string, value: string | null) => {
    if (field === 'source' && value === null) return t('sourceNone');
    return field === 'kind' && (value === 'metric' || value === 'term') ? t(value) : (value ?? '');
  };
  const options = versions.map(({ version }) => ({
    value: String(version),
    label: t('version', { version }),
  }));
  return (
    <VersionPair options={options} from={from} to={to} onFrom={setFrom} onTo={setTo}>
      {diff.error ? <ErrorPanel error={diff.error} onRetry={() => void diff.refetch()} /> : null}
      {diff.data ? (
        <Difference
          changes={diff.data.changes.map(({ field, before, after }) => ({
            field: t(field),
            before: said(field, before),
            after: said(field, after),
          }))}
          texts={[
            { label: t('sql'), lines: diff.data.sql },
            { label: t('note'), lines: diff.data.note },
          ]}
        />
      ) : null}
    </VersionPair>
  );
}

/** What it said before, and what differs. */
export function DefinitionHistory({ definition }: { definition: Definition }) {
  const t = useT(messages);
  const versions = useQuery(versionsQuery(definition.id));
  const failed = versions.error ? (
    <ErrorPanel error={versions.error} onRetry={() => void versions.refetch()} />
  ) : null;
  if (!versions.data) return failed ?? <SkeletonRows label={t('loading')} />;
  return (
    <div className="flex flex-col gap-6">
      {failed}
      <Table
        label={t('tabVersions')}
        rows={versions.data}
        rowKey={({ version }) => String(version)}
        columns={[
          {
            key: 'version',
            header: t('oneVersion'),
            cell: ({ version, certified }) => (
              <span className="flex flex-wrap items-center gap-2">
                {t('version', { version })}
                {certified ? <Chip tone="success">{t('certified')}</Chip> : null}
              </span>
            ),
          },
          { key: 'name', header: t('name'), wide: true, cell: ({ name }) => name },
          {
            key: 'by',
            header: t('owner'),
            cell: ({ author, created_at: at }) => (
              <span className="text-muted">
                {author.name} · <Time iso={at} />
              </span>
            ),
          },
        ]}
      />
      {versions.data.length > 1 ? (
        <Comparison key={versions.data[0]?.version} id={definition.id} versions={versions.data} />
      ) : (
        <p className="text-sm text-muted">{t('onlyOne')}</p>
      )}
    </div>
  );
}

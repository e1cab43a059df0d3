import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Definition, DefinitionDiff, DefinitionVersion } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Chip, ErrorPanel, LineDiff, Select, SkeletonRows, Table, Time } from '@/ui';
import { diffQuery, versionsQuery } from './api';
import { messages } from './messages';

function Difference({ diff }: { diff: DefinitionDiff }) {
  const t = useT(messages);
  const { changes, sql, note } = diff;
  const spoken = { removed: t('linesRemoved'), added: t('linesAdded') };
  if (changes.length + sql.length + note.length === 0)
    return <p className="text-sm text-muted">{t('same')}</p>;
  return (
    <>
      {changes.length > 0 ? (
        <Table
          label={t('compare')}
          rows={changes}
          rowKey={({ field }) => field}
          columns={[
            { key: 'field', header: t('field'), cell: ({ field }) => t(field) },
            { key: 'before', header: t('before'), cell: ({ before }) => before || '—' },
            { key: 'after', header: t('after'), cell: ({ after }) => after || '—' },
          ]}
        />
      ) : null}
      {sql.length > 0 ? <LineDiff lines={sql} label={t('sql')} spoken={spoken} /> : null}
      {note.length > 0 ? <LineDiff lines={note} label={t('note')} spoken={spoken} /> : null}
    </>
  );
}

interface ComparisonProps {
  id: string;
  versions: DefinitionVersion[];
}

function Comparison({ id, versions }: ComparisonProps) {
  const t = useT(messages);
  const [from, setFrom] = useState(String(versions[1]?.version));
  const [to, setTo] = useState(String(versions[0]?.version));
  const diff = useQuery(diffQuery(id, from, to));
  const options = versions.map(({ version }) => ({
    value: String(version),
    label: t('version', { version }),
  }));
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
    <section aria-label={t('compare')} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="text-title-sm">{t('compare')}</h2>
        {side(t('before'), from, setFrom)}
        <span className="text-sm text-muted">{t('compareWith')}</span>
        {side(t('after'), to, setTo)}
      </div>
      {diff.error ? <ErrorPanel error={diff.error} /> : null}
      {diff.data ? <Difference diff={diff.data} /> : null}
    </section>
  );
}

/** What it said before, and what differs. */
export function DefinitionHistory({ definition }: { definition: Definition }) {
  const t = useT(messages);
  const versions = useQuery(versionsQuery(definition.id));
  if (versions.error)
    return <ErrorPanel error={versions.error} onRetry={() => void versions.refetch()} />;
  if (!versions.data) return <SkeletonRows label={t('loading')} />;
  return (
    <div className="flex flex-col gap-6">
      <Table
        label={t('tabVersions')}
        rows={versions.data}
        rowKey={({ version }) => String(version)}
        columns={[
          {
            key: 'version',
            header: t('tabVersions'),
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

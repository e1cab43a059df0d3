import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { DocumentDetail, DocumentDiff, DocumentVersion } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, buttonClass, Chip, ErrorPanel, SkeletonRows, Table, Time, toast } from '@/ui';
import { Difference, VersionPair } from '@/ui/versions';
import { diffQuery, restoreDocument, useDocumentChanged, versionsQuery } from './api';
import { messages } from './messages';

function Comparison({ id, versions }: { id: string; versions: DocumentVersion[] }) {
  const t = useT(messages);
  const [from, setFrom] = useState(String(versions[1]?.version));
  const [to, setTo] = useState(String(versions[0]?.version));
  const diff = useQuery(diffQuery(id, from, to));
  const options = versions.map(({ version }) => ({
    value: String(version),
    label: t('version', { version }),
  }));
  return (
    <VersionPair options={options} from={from} to={to} onFrom={setFrom} onTo={setTo}>
      {diff.error ? <ErrorPanel error={diff.error} /> : null}
      {diff.data ? <DocumentDifference diff={diff.data} /> : null}
    </VersionPair>
  );
}

function DocumentDifference({ diff: { title, lines } }: { diff: DocumentDiff }) {
  const t = useT(messages);
  const changes = title ? [{ field: t('name'), before: title[0], after: title[1] }] : [];
  return <Difference changes={changes} texts={[{ label: t('content'), lines }]} />;
}

interface VersionsProps {
  document: DocumentDetail;
  editable: boolean;
}

function List({ document, editable, versions }: VersionsProps & { versions: DocumentVersion[] }) {
  const t = useT(messages);
  const changed = useDocumentChanged();
  const restore = useMutation({
    mutationFn: (version: number) => restoreDocument(document.id, version),
    onSuccess: async (now, from) => {
      await changed();
      toast({ title: t('restored', { from, version: now.version }) });
    },
  });
  return (
    <>
      {restore.error ? <ErrorPanel error={restore.error} /> : null}
      <Table
        label={t('tabVersions')}
        rows={versions}
        rowKey={({ version }) => String(version)}
        columns={[
          {
            key: 'version',
            header: t('one'),
            cell: ({ version }) => (
              <span className="flex flex-wrap items-center gap-2">
                {t('version', { version })}
                {version === document.newest ? <Chip tone="accent">{t('current')}</Chip> : null}
              </span>
            ),
          },
          {
            key: 'by',
            header: t('when'),
            wide: true,
            cell: ({ author, created_at: at, restored_from: from, renewed_from: renewed }) => (
              <span className="text-muted">
                {author.name} · <Time iso={at} />
                {from === null ? null : ` · ${t('restoredFrom', { version: from })}`}
                {renewed === null ? null : ` · ${t('renewedFrom', { version: renewed })}`}
              </span>
            ),
          },
          {
            key: 'actions',
            header: t('actions'),
            quiet: true,
            align: 'right',
            cell: ({ version }) => (
              <span className="inline-flex flex-wrap justify-end gap-2">
                <Link
                  to="/documents/$document"
                  params={{ document: document.id }}
                  search={version === document.newest ? {} : { version: String(version) }}
                  className={buttonClass('ghost', 'sm')}
                >
                  {t('show')}
                </Link>
                {editable && version !== document.newest ? (
                  <Button
                    size="sm"
                    loading={restore.isPending && restore.variables === version}
                    onClick={() => restore.mutate(version)}
                  >
                    {t('restore')}
                  </Button>
                ) : null}
              </span>
            ),
          },
        ]}
      />
    </>
  );
}

/** What a document said before, what differs, and the way back. */
export function DocumentVersions(props: VersionsProps) {
  const t = useT(messages);
  const { id } = props.document;
  const versions = useQuery(versionsQuery(id));
  if (versions.error)
    return <ErrorPanel error={versions.error} onRetry={() => void versions.refetch()} />;
  if (!versions.data) return <SkeletonRows label={t('loading')} />;
  return (
    <div className="flex flex-col gap-6">
      <List {...props} versions={versions.data} />
      {versions.data.length > 1 ? (
        <Comparison key={versions.data[0]?.version} id={id} versions={versions.data} />
      ) : (
        <p className="text-sm text-muted">{t('onlyOne')}</p>
      )}
    </div>
  );
}

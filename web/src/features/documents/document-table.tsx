import { Link } from '@tanstack/react-router';
import type { DocumentSummary } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Table, Time } from '@/ui';
import { messages } from './messages';

export function DocumentTable({ documents }: { documents: DocumentSummary[] }) {
  const t = useT(messages);
  return (
    <Table
      label={t('titleAll')}
      rows={documents}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'name',
          header: t('name'),
          cell: ({ id, title }) => (
            <Link
              to="/documents/$document"
              params={{ document: id }}
              className="font-strong break-words text-accent hover:underline"
            >
              {title}
            </Link>
          ),
        },
        {
          key: 'kind',
          header: t('kind'),
          cell: ({ kind }) => <span className="text-muted">{t(`kind_${kind}`)}</span>,
        },
        {
          key: 'by',
          header: t('when'),
          wide: true,
          cell: ({ author, updated_at: at }) => (
            <span className="text-muted">
              {author.name} · <Time iso={at} />
            </span>
          ),
        },
        {
          key: 'version',
          header: t('one'),
          wide: true,
          cell: ({ version }) => <span className="nums">{version}</span>,
        },
      ]}
    />
  );
}

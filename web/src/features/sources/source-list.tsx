import { Link } from '@tanstack/react-router';
import { Database, FileSpreadsheet } from 'lucide-react';
import type { Source } from '@/api/types';
import { formatCount } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Table, Time, type TableColumn } from '@/ui';
import { messages } from './messages';
import { SampleChip, StatusChip } from './source-chips';

function Name({ source }: { source: Source }) {
  const Icon = source.engine === 'files' ? FileSpreadsheet : Database;
  return (
    <span className="flex min-w-0 items-start gap-x-2.5 sm:items-center">
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-subtle sm:mt-0" />
      <span className="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-1 sm:flex-nowrap">
        <Link
          to="/sources/$source/$tab"
          params={{ source: source.id, tab: 'schema' }}
          className="min-w-0 rounded-sm font-strong break-words hover:text-accent hover:underline"
        >
          {source.name}
        </Link>
        <SampleChip source={source} />
      </span>
    </span>
  );
}

export function SourceList({ sources }: { sources: Source[] }) {
  const t = useT(messages);
  const columns: TableColumn<Source>[] = [
    { key: 'name', header: t('name'), cell: (source) => <Name source={source} /> },
    {
      key: 'type',
      header: t('type'),
      wide: true,
      cell: (source) => <span className="text-muted">{t(source.engine)}</span>,
    },
    {
      key: 'tables',
      header: t('tables'),
      align: 'right',
      wide: true,
      cell: (source) => <span className="nums">{formatCount(source.table_count)}</span>,
    },
    { key: 'status', header: t('status'), cell: (source) => <StatusChip source={source} /> },
    {
      key: 'checked',
      header: t('checked'),
      wide: true,
      cell: (source) => (
        <span className="text-muted">
          {source.checked_at ? <Time iso={source.checked_at} /> : t('never')}
        </span>
      ),
    },
  ];
  return (
    <Table label={t('title')} columns={columns} rows={sources} rowKey={(source) => source.id} />
  );
}

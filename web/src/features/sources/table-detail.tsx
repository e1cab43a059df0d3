import { Link } from '@tanstack/react-router';
import { ChartColumn, KeyRound, MessageSquare, Rows3 } from 'lucide-react';
import type { CatalogColumn, CatalogTable, Source } from '@/api/types';
import { useT } from '@/lib/i18n';
import { buttonClass, Chip, Table, Tooltip, type TableColumn } from '@/ui';
import { ResultGrid } from '@/ui/grid';
import { messages } from './messages';
import { nearestType, tableKey } from './tables';

function ColumnName({ column }: { column: CatalogColumn }) {
  const t = useT(messages);
  return (
    <span className="flex items-center gap-1.5">
      <code className="text-xs">{column.name}</code>
      {column.primary_key ? (
        <Tooltip label={t('key')}>
          <span role="img" aria-label={t('key')} className="text-warning">
            <KeyRound aria-hidden className="size-3.5" />
          </span>
        </Tooltip>
      ) : null}
    </span>
  );
}

function SampleRows({ table }: { table: CatalogTable }) {
  const t = useT(messages);
  const sample = table.sample;
  if (!sample || sample.rows.length === 0) return null;
  const types = new Map(table.columns.map((column) => [column.name, column.type]));
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-strong">{t('sampleRows')}</h3>
      <ResultGrid
        label={t('sampleRows')}
        columns={sample.columns.map((name) => ({ name, type: nearestType(types.get(name) ?? '') }))}
        data={sample.columns.map((_, index) => sample.rows.map((row) => row[index] ?? null))}
        rowCount={sample.rows.length}
      />
    </section>
  );
}

export function TableDetail({ source, table }: { source: Source; table: CatalogTable }) {
  const t = useT(messages);
  const key = tableKey(table);
  const columns: TableColumn<CatalogColumn>[] = [
    { key: 'name', header: t('column'), cell: (column) => <ColumnName column={column} /> },
    {
      key: 'type',
      header: t('type'),
      cell: (column) => <code className="text-xs text-muted">{column.type}</code>,
    },
    {
      key: 'nullable',
      header: t('nullable'),
      wide: true,
      cell: (column) => <span className="text-subtle">{column.nullable ? t('yes') : t('no')}</span>,
    },
  ];
  if (table.columns.some((column) => column.comment)) {
    columns.push({
      key: 'comment',
      header: t('comment'),
      cell: (column) => <span className="text-muted">{column.comment}</span>,
    });
  }
  return (
    <section aria-label={key} className="flex min-w-0 flex-col gap-4">
      <header className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="flex min-w-0 flex-1 basis-48 flex-col gap-1">
          <h2 className="text-title-sm break-words">{key}</h2>
          <div className="flex flex-wrap gap-1.5">
            <Chip>{t('kind', { kind: table.kind })}</Chip>
            <Chip>{t('columns', { count: table.columns.length })}</Chip>
            {table.rows == null ? null : <Chip>{t('rowsCount', { count: table.rows })}</Chip>}
          </div>
        </div>
        <div className="flex flex-wrap gap-2">
          <Link
            to="/sources/$source/$tab"
            params={{ source: source.id, tab: 'preview' }}
            search={{ table: key }}
            className={buttonClass()}
          >
            <Rows3 aria-hidden className="size-4" />
            {t('openPreview')}
          </Link>
          <Link
            to="/sources/$source/$tab"
            params={{ source: source.id, tab: 'profile' }}
            search={{ table: key }}
            className={buttonClass()}
          >
            <ChartColumn aria-hidden className="size-4" />
            {t('openProfile')}
          </Link>
          <Link
            to="/chats/new"
            search={{ source: source.id, q: t('askTableText', { table: key }) }}
            className={buttonClass()}
          >
            <MessageSquare aria-hidden className="size-4" />
            {t('askTable')}
          </Link>
        </div>
      </header>
      {table.comment ? <p className="text-sm text-muted">{table.comment}</p> : null}
      <Table label={key} columns={columns} rows={table.columns} rowKey={(column) => column.name} />
      <SampleRows table={table} />
    </section>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { catalogQuery } from '@/api/resources';
import type { Catalog, Source } from '@/api/types';
import { formatRelative } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, EmptyState, ErrorPanel, SkeletonRows } from '@/ui';
import { useRefreshCatalog } from './api';
import { messages } from './messages';
import { TableDetail } from './table-detail';
import { TableTree } from './table-tree';
import { tableKey } from './tables';

interface BrowserProps {
  source: Source;
  catalog: Catalog;
  table: string | undefined;
}

function Browser({ source, catalog, table }: BrowserProps) {
  const t = useT(messages);
  const navigate = useNavigate();
  const [filter, setFilter] = useState('');
  const chosen = catalog.tables.find((one) => tableKey(one) === table) ?? catalog.tables[0];
  if (!chosen) return <EmptyState>{t('noTables')}</EmptyState>;
  const pick = (next: string) =>
    void navigate({
      to: '/sources/$source/$tab',
      params: { source: source.id, tab: 'schema' },
      search: { table: next },
      replace: true,
    });
  return (
    <div className="grid items-start gap-6 md:grid-cols-[15rem_minmax(0,1fr)]">
      <TableTree
        label={t('tableList', { source: source.name })}
        tables={catalog.tables}
        chosen={tableKey(chosen)}
        filter={filter}
        onFilter={setFilter}
        onChoose={pick}
      />
      <TableDetail key={tableKey(chosen)} source={source} table={chosen} />
    </div>
  );
}

/** Tables on the left, the chosen one's columns and first rows on the right. */
export function SchemaTab({ source, table }: { source: Source; table: string | undefined }) {
  const t = useT(messages);
  const catalog = useQuery(catalogQuery(source.id));
  const refresh = useRefreshCatalog(source.id);
  const error = refresh.error ?? catalog.error;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-center gap-3 text-xs text-subtle">
        <Button
          size="sm"
          loading={refresh.isPending}
          icon={<RefreshCw aria-hidden className="size-3.5" />}
          onClick={() => refresh.mutate()}
        >
          {t('refresh')}
        </Button>
        {catalog.data ? t('refreshed', { when: formatRelative(catalog.data.refreshed_at) }) : null}
      </div>
      {error ? <ErrorPanel error={error} onRetry={() => refresh.mutate()} /> : null}
      {catalog.isPending ? <SkeletonRows rows={8} label={t('loading')} /> : null}
      {catalog.data ? <Browser source={source} catalog={catalog.data} table={table} /> : null}
    </div>
  );
}

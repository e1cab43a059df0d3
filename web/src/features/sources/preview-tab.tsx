import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { catalogQuery } from '@/api/resources';
import type { Source } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, EmptyState, ErrorPanel, Field, Select, SkeletonRows } from '@/ui';
import { ResultGrid } from '@/ui/grid';
import { previewQuery } from './api';
import { messages } from './messages';
import { tableKey } from './tables';

const FEW = 100;
const MANY = 1000;

function PreviewRows({ source, table }: { source: Source; table: string }) {
  const t = useT(messages);
  const [limit, setLimit] = useState(FEW);
  const rows = useQuery(previewQuery(source.id, table, limit));
  if (rows.error) return <ErrorPanel error={rows.error} onRetry={() => void rows.refetch()} />;
  if (!rows.data) return <SkeletonRows rows={10} label={t('loading')} />;
  const { columns, data, row_count, total, truncated } = rows.data;
  return (
    <div className="flex flex-col gap-3">
      <ResultGrid
        label={table}
        columns={columns}
        data={data}
        rowCount={row_count}
        total={total}
        truncated={truncated}
      />
      {limit === FEW && row_count >= FEW ? (
        <div>
          <Button size="sm" onClick={() => setLimit(MANY)}>
            {t('showMore', { count: MANY })}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** The first rows of one table, as they are. */
export function PreviewTab({ source, table }: { source: Source; table: string | undefined }) {
  const t = useT(messages);
  const navigate = useNavigate();
  const catalog = useQuery(catalogQuery(source.id));
  if (catalog.error) {
    return <ErrorPanel error={catalog.error} onRetry={() => void catalog.refetch()} />;
  }
  if (!catalog.data) return <SkeletonRows rows={10} label={t('loading')} />;
  const keys = catalog.data.tables.map(tableKey);
  const chosen = keys.find((key) => key === table) ?? keys[0];
  if (chosen === undefined) return <EmptyState>{t('noTables')}</EmptyState>;
  const pick = (next: string) =>
    void navigate({
      to: '/sources/$source/$tab',
      params: { source: source.id, tab: 'preview' },
      search: { table: next },
      replace: true,
    });
  return (
    <div className="flex flex-col gap-4">
      <Field label={t('pickTable')} className="max-w-72">
        {(control) => (
          <Select
            {...control}
            value={chosen}
            onChange={pick}
            options={keys.map((key) => ({ value: key, label: key }))}
          />
        )}
      </Field>
      <PreviewRows key={chosen} source={source} table={chosen} />
    </div>
  );
}

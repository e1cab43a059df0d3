import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Source } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, ErrorPanel, SkeletonRows } from '@/ui';
import { ResultGrid } from '@/ui/grid';
import { previewQuery } from './api';
import { messages } from './messages';
import { OneTable } from './one-table';

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
  return (
    <OneTable source={source} table={table} tab="preview">
      {(chosen) => <PreviewRows key={chosen} source={source} table={chosen} />}
    </OneTable>
  );
}

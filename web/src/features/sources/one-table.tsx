import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { catalogQuery } from '@/api/resources';
import type { Source } from '@/api/types';
import { useT } from '@/lib/i18n';
import { EmptyState, ErrorPanel, Field, Select, SkeletonRows } from '@/ui';
import { messages } from './messages';
import { tableKey } from './tables';

export interface OneTableProps {
  source: Source;
  /** The table in the address, if it is one of the source. */
  table: string | undefined;
  tab: 'preview' | 'profile';
  children: (table: string) => ReactNode;
}

/** A tab about one table of the source, which is chosen above it and named in the address. */
export function OneTable({ source, table, tab, children }: OneTableProps) {
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
      params: { source: source.id, tab },
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
      {children(chosen)}
    </div>
  );
}

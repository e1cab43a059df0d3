import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useId } from 'react';
import { catalogQuery, useCan } from '@/api/resources';
import type { CatalogTable, PrivateColumn, Source, SourcePatch } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Card, ErrorPanel, SkeletonRows } from '@/ui';
import { accessMessages } from './access-messages';
import { sourceQuery, updateSource, useSourcesChanged } from './api';
import { messages } from './messages';
import { tableKey } from './tables';

// Few people set it, once.
const WriteCard = lazy(() => import('./write-card'));
const WRITABLE = new Set(['postgresql', 'mysql', 'sqlite']);

interface BoxProps {
  label: string;
  help?: string;
  checked: boolean;
  disabled: boolean;
  onChange: (checked: boolean) => void;
}

function Box({ label, help, checked, disabled, onChange }: BoxProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5 py-1 pointer-coarse:py-2">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        aria-describedby={help ? `${id}-help` : undefined}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-0.5 size-4 shrink-0 accent-[var(--accent-solid)]"
      />
      <div className="min-w-0">
        <label htmlFor={id} className="text-sm break-words">
          {label}
        </label>
        {help ? (
          <p id={`${id}-help`} className="text-xs text-subtle">
            {help}
          </p>
        ) : null}
      </div>
    </div>
  );
}

interface TableProps {
  table: CatalogTable;
  chosen: PrivateColumn[];
  disabled: boolean;
  onChange: (column: PrivateColumn, on: boolean) => void;
}

function TableColumns({ table, chosen, disabled, onChange }: TableProps) {
  const t = useT(accessMessages);
  const key = tableKey(table);
  const mine = new Set(chosen.filter((one) => one.table === key).map((one) => one.column));
  return (
    <details className="border-t border-line py-2" open={mine.size > 0}>
      <summary className="w-fit cursor-pointer rounded-sm text-sm">
        <span className="font-mono">{key}</span>{' '}
        <span className="text-xs text-subtle">{t('count', { count: mine.size })}</span>
      </summary>
      <div className="grid gap-x-4 pt-1 pl-4 sm:grid-cols-2">
        {table.columns.map(({ name }) => (
          <Box
            key={name}
            label={t('column', { column: name })}
            checked={mine.has(name)}
            disabled={disabled}
            onChange={(on) => onChange({ table: key, column: name }, on)}
          />
        ))}
      </div>
    </details>
  );
}

/** Shown to those who may say who may write. */
function Writes({ source }: { source: Source }) {
  const loading = useT(messages);
  const may = useCan()('write_connection:manage');
  if (!may || !WRITABLE.has(source.engine)) return null;
  return (
    <Suspense fallback={<SkeletonRows rows={3} label={loading('loading')} />}>
      <WriteCard source={source} />
    </Suspense>
  );
}

/** One change after the other, each of what the one before has made: no tick waits or is lost. */
function useSave(source: Source) {
  const client = useQueryClient();
  const changed = useSourcesChanged();
  const { queryKey } = sourceQuery(source.id);
  return useMutation({
    scope: { id: `access-${source.id}` },
    mutationFn: (change: (now: Source) => SourcePatch) => {
      const now = client.getQueryData(queryKey) ?? source;
      return updateSource(source.id, change(now));
    },
    onSuccess: (made) => {
      client.setQueryData(queryKey, made);
      void changed();
    },
  });
}

/** Which values of the source no model may see. */
export function AccessTab({ source }: { source: Source }) {
  const t = useT(accessMessages);
  const loading = useT(messages);
  const may = useCan()('source:update');
  const catalog = useQuery(catalogQuery(source.id));
  const save = useSave(source);
  const flip = (column: PrivateColumn, on: boolean) =>
    save.mutate(({ private_columns: known }) => {
      const others = known.filter(
        (one) => one.table !== column.table || one.column !== column.column,
      );
      return { private_columns: on ? [...others, column] : others };
    });
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      <Card title={t('title')} description={t('lead')}>
        <div className="flex flex-col gap-2">
          <Box
            label={t('source')}
            help={t('sourceHelp')}
            checked={source.private}
            disabled={!may}
            onChange={(on) => save.mutate(() => ({ private: on }))}
          />
          <p role="status" className="text-xs text-subtle">
            {save.isSuccess ? `${t('saved')}. ` : ''}
            {may ? t('earlier') : t('viewOnly')}
          </p>
        </div>
      </Card>
      {save.error ? <ErrorPanel error={save.error} /> : null}
      <Card title={t('columns')} description={source.private ? t('all') : t('columnsHelp')}>
        {catalog.error ? (
          <ErrorPanel error={catalog.error} onRetry={() => void catalog.refetch()} />
        ) : null}
        {catalog.isPending ? <SkeletonRows rows={4} label={loading('loading')} /> : null}
        {source.private
          ? null
          : catalog.data?.tables.map((table) => (
              <TableColumns
                key={tableKey(table)}
                table={table}
                chosen={source.private_columns}
                disabled={!may}
                onChange={flip}
              />
            ))}
      </Card>
      <Writes source={source} />
    </div>
  );
}

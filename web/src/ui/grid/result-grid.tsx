import { useCallback, useMemo, useState } from 'react';
import type { Cell, Column } from '@/api/types';
import { useT } from '@/lib/i18n';
import { messages } from './messages';
import { sortedIndexes, type Sort } from './compare';
import { Grid } from './grid';

export interface ResultGridProps {
  columns: Column[];
  /** Column by column, as the server sends it. */
  data: Cell[][];
  rowCount: number;
  /** Rows there would be without the limit; null when unknown. */
  total?: number | null;
  truncated?: boolean;
  label?: string;
}

/** A table that is wholly in memory; sorting happens here. */
export function ResultGrid(props: ResultGridProps) {
  const { columns, data, rowCount, total, truncated, label } = props;
  const t = useT(messages);
  const [sort, setSort] = useState<Sort | null>(null);
  const rows = Math.min(rowCount, data[0]?.length ?? 0);
  const order = useMemo(
    () =>
      sort
        ? sortedIndexes(
            columns[sort.column]?.type ?? 'string',
            data[sort.column] ?? [],
            sort.direction,
          )
        : null,
    [columns, data, sort],
  );
  const cell = useCallback(
    (row: number, column: number) => data[column]?.[order ? (order[row] ?? 0) : row],
    [data, order],
  );
  return (
    <div className="flex flex-col gap-1">
      <div className="overflow-hidden rounded-lg border border-line bg-surface">
        <Grid
          key={columns.map(({ name }) => name).join('\n')}
          label={label ?? t('table')}
          columns={columns}
          rowCount={rows}
          cell={cell}
          sort={sort}
          onSort={setSort}
        />
      </div>
      {rows === 0 || truncated ? (
        <p className="text-xs text-subtle">
          {rows === 0 ? t('noRows') : t('shown', { count: rows })}
          {truncated && (total == null ? ` ${t('moreUnknown')}` : ` ${t('moreOf', { total })}`)}
        </p>
      ) : null}
    </div>
  );
}

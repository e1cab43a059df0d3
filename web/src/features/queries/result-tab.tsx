import { lazy, Suspense, useState, type ReactNode } from 'react';
import type { QueryVersion } from '@/api/types';
import type { CellTarget } from '@/lib/cell-target';
import { formatCount } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, ErrorPanel, Spinner } from '@/ui';
import { Grid } from '@/ui/grid';
import { FilterBar } from './filter-bar';
import { messages } from './messages';
import type { ResultRows } from './use-result-rows';

const ColumnPanel = lazy(() => import('./column-panel'));

interface ResultTabProps {
  version: QueryVersion;
  rows: ResultRows;
  running: boolean;
  /** The cell that somebody wants to see. */
  goal?: CellTarget | null;
  onEdit: () => void;
  onRun: (sql: string, limit?: number) => void;
  /** Asks for a file of all rows. */
  onExport: () => void;
}

/** The most rows a query may be asked for. */
const MOST_ROWS = 10_000;

function Plain({ children }: { children: ReactNode }) {
  return <div className="px-4 py-5 text-sm text-muted">{children}</div>;
}

function Failed({ version, running, onEdit, onRun }: ResultTabProps) {
  const t = useT(messages);
  const { error } = version;
  return (
    <div role="alert" className="flex flex-col gap-1 px-4 py-4 text-sm">
      <p className="font-mono break-words whitespace-pre-wrap text-danger">{error?.message}</p>
      {error?.position != null && (
        <p className="text-xs text-subtle">{t('position', { position: error.position })}</p>
      )}
      {error?.hint && <p>{error.hint}</p>}
      <div className="mt-2 flex gap-2">
        <Button size="sm" onClick={onEdit}>
          {t('edit')}
        </Button>
        <Button size="sm" variant="ghost" loading={running} onClick={() => onRun(version.sql)}>
          {t('retry')}
        </Button>
      </div>
    </div>
  );
}

/** Says in words that there is more than is shown, and how to get it. */
function Truncation({ version, rows, running, onRun, onExport }: ResultTabProps) {
  const t = useT(messages);
  const { row_count: count, row_limit: limit, result_id: resultId } = version;
  const { total } = rows;
  const params = { count: formatCount(count), limit: formatCount(limit) };
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line bg-warning-soft px-3 py-1.5 text-xs text-warning">
      <span>
        {total === null
          ? t('truncated', params)
          : t('truncatedOf', { ...params, total: formatCount(total) })}
      </span>
      {resultId && (
        <button type="button" className="font-strong underline" onClick={onExport}>
          {t('downloadAll')}
        </button>
      )}
      {limit < MOST_ROWS && (
        <button
          type="button"
          className="font-strong underline"
          disabled={running}
          onClick={() => onRun(version.sql, MOST_ROWS)}
        >
          {t('raise', { limit: formatCount(MOST_ROWS) })}
        </button>
      )}
    </div>
  );
}

/** The rows with their filters, and the panel of the column that is looked into. */
function Rows({ version, rows, goal }: ResultTabProps) {
  const t = useT(messages);
  const [label] = useState(() => t('tab_result'));
  const [column, setColumn] = useState<number | null>(null);
  const count = version.row_count ?? 0;
  const filterBar = {
    columns: version.columns,
    filters: rows.filters,
    onFilters: rows.setFilters,
  };
  return (
    <>
      <FilterBar {...filterBar} matching={rows.matching} count={count} />
      <Grid
        key={version.result_id}
        label={`${version.handle} ${label}`}
        columns={version.columns}
        rowCount={rows.rowCount}
        cell={rows.cell}
        load={rows.load}
        sort={rows.sort}
        onSort={rows.setSort}
        sortsOnServer={rows.sortsOnServer}
        filtered={rows.filters.map((filter) => filter.column)}
        onInspect={setColumn}
        goal={goal ?? null}
        maxHeight="22rem"
      />
      {rows.matching === 0 && <Plain>{t('noMatch')}</Plain>}
      {column !== null && version.result_id && (
        <Suspense>
          <ColumnPanel
            key={column}
            {...filterBar}
            resultId={version.result_id}
            column={column}
            onClose={() => setColumn(null)}
          />
        </Suspense>
      )}
    </>
  );
}

export function ResultTab(props: ResultTabProps) {
  const { version, rows } = props;
  const t = useT(messages);
  if (version.status === 'running')
    return (
      <Plain>
        <span className="inline-flex items-center gap-2">
          <Spinner /> {t('running')}
        </span>
      </Plain>
    );
  if (version.status === 'failed') return <Failed {...props} />;
  if (version.status === 'cancelled') return <Plain>{t('cancelledText')}</Plain>;
  if (version.row_count === 0) return <Plain>{t('empty')}</Plain>;
  return (
    <>
      {rows.error !== null && (
        <div className="p-3">
          <ErrorPanel
            error={rows.error}
            title={t('rowsFailed')}
            onRetry={() => void rows.load(0, 1).catch(() => undefined)}
          />
        </div>
      )}
      <Rows {...props} />
      {version.truncated && <Truncation {...props} />}
      {version.notes?.map((note) => (
        <p key={note} className="border-t border-line px-3 py-1.5 text-xs text-muted">
          {note}
        </p>
      ))}
    </>
  );
}

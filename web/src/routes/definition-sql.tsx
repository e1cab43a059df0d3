import { useMutation, useQuery } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { catalogQuery, sourcesQuery, useCan } from '@/api/resources';
import type { QueryVersion } from '@/api/types';
import { queryMessages, ResultView, runQuery } from '@/features/queries';
import { useT } from '@/lib/i18n';
import { Button, ErrorPanel } from '@/ui';
import { PlainCode } from '@/ui/code/plain-code';
import type { SqlSlot } from '@/features/definitions';

const SqlEditor = lazy(() => import('@/features/queries/sql-editor'));

type SqlFieldProps = Parameters<SqlSlot>[0];

function useRun(sourceId: string) {
  const run = useMutation({
    mutationFn: ({ sql, limit }: { sql: string; limit?: number | undefined }) =>
      runQuery({ source_id: sourceId, sql, ...(limit === undefined ? {} : { limit }) }),
  });
  const start = (sql: string, limit?: number) => {
    if (sourceId !== '' && sql.trim() !== '' && !run.isPending) run.mutate({ sql, limit });
  };
  return { run, start };
}

interface EditorProps extends SqlFieldProps {
  made: QueryVersion | undefined;
  onRun: (sql: string) => void;
}

function Editor({ value, label, sourceId, disabled, onChange, made, onRun }: EditorProps) {
  const t = useT(queryMessages);
  const catalog = useQuery({ ...catalogQuery(sourceId), enabled: sourceId !== '', retry: false });
  const source = useQuery(sourcesQuery).data?.data.find(({ id }) => id === sourceId);
  if (disabled) return <PlainCode text={value} />;
  return (
    <Suspense fallback={<PlainCode text={value} />}>
      <SqlEditor
        value={value}
        onChange={onChange}
        onRun={onRun}
        label={label}
        hint={t('editorHint')}
        catalog={catalog.data}
        engine={source?.engine}
        errorAt={made?.sql === value ? (made.error?.position ?? null) : null}
      />
    </Suspense>
  );
}

/** The editor of the SQL cards, and the rows that the statement gives. */
function SqlField(props: SqlFieldProps) {
  const t = useT(queryMessages);
  const can = useCan();
  const { run, start } = useRun(props.sourceId);
  return (
    <div className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface">
      <Editor {...props} made={run.data} onRun={start} />
      {can('query:run') ? (
        <div className="flex flex-wrap items-center gap-2 border-t border-line px-3 py-2">
          <Button
            size="sm"
            icon={<Play aria-hidden className="size-3.5" />}
            loading={run.isPending}
            disabled={props.sourceId === '' || props.value.trim() === ''}
            onClick={() => start(props.value)}
          >
            {t('run')}
          </Button>
        </div>
      ) : null}
      {run.error ? (
        <div className="p-3">
          <ErrorPanel error={run.error} title={t('runFailed')} />
        </div>
      ) : null}
      {run.data ? (
        <div className="border-t border-line">
          <ResultView version={run.data} running={run.isPending} onRun={start} />
        </div>
      ) : null}
    </div>
  );
}

export const sqlSlot: SqlSlot = (field) => <SqlField {...field} />;

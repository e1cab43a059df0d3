import { Braces, ChartColumn, Pencil, Redo2, Table2, Undo2 } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useMemo, useRef, useState } from 'react';
import type { ChartRef } from '@/api/parts';
import type { Chart } from '@/api/types';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { formatMessage } from '@/lib/message-format';
import { localeStore } from '@/lib/preferences';
import { useStore } from '@/lib/store';
import { Button, ErrorPanel, Spinner } from '@/ui';
import { ChartNotes, NumberCard, Outdated, type OnUpdate } from './chart-notes';
import { DataTable, Downloads } from './chart-parts';
import { FigureChip, FigureTexts, type RenderText } from './figures';
import { ChartView } from './chart-view';
import { describeChart, type Row } from './describe';
import type { Drawn } from './vega-draw';
import { guardChart, type GuardedChart } from './guards';
import { messages } from './messages';
import { useChart } from './use-chart';
import { useChartEdit } from './use-chart-edit';

const EditForm = lazy(() => import('./edit-form'));
const SpecEditor = lazy(() => import('./spec-editor'));

interface ChartCardProps {
  /** What the message knows of the chart; everything else is fetched. */
  reference: ChartRef;
  /** Without border and header, inside another card. */
  bare?: boolean;
  renderText?: RenderText | undefined;
  onUpdate?: OnUpdate;
}

interface ShownProps {
  view: GuardedChart['view'];
  chart: Chart;
  guarded: GuardedChart;
  description: string;
  notes: ReactNode;
  caption: string | undefined;
  onDrawn: (drawn: Drawn | null) => void;
}

/** The chart in the form that suits its data, or that the reader asked for. */
function Shown({ view, chart, guarded, notes, ...rest }: ShownProps) {
  const [first] = Object.entries(chart.data[0] ?? {});
  if (view === 'number' && first) return <NumberCard name={first[0]} value={Number(first[1])} />;
  if (view !== 'chart') return <DataTable chart={chart} />;
  return (
    <>
      {notes}
      <ChartView spec={guarded.spec} rows={guarded.rows} {...rest} />
    </>
  );
}

function SaveState({ save }: Pick<ReturnType<typeof useChartEdit>, 'save'>) {
  const t = useT(messages);
  if (save.isPending) return t('saving');
  return save.data ? t('saved', { version: save.data.version }) : '';
}

interface EditButtonsProps {
  edit: ReturnType<typeof useChartEdit>;
  editing: 'form' | 'spec' | null;
  onEditing: (next: 'form' | 'spec' | null) => void;
}

function EditButtons({ edit, editing, onEditing }: EditButtonsProps) {
  const t = useT(messages);
  const toggle = (name: 'form' | 'spec') => () => onEditing(editing === name ? null : name);
  const ghost = { size: 'sm', variant: 'ghost' } as const;
  return (
    <>
      {(edit.undo ?? edit.redo) && (
        <>
          <Button
            {...ghost}
            aria-label={t('undo')}
            disabled={!edit.undo}
            icon={<Undo2 aria-hidden className="size-3.5" />}
            onClick={edit.undo ?? undefined}
          />
          <Button
            {...ghost}
            aria-label={t('redo')}
            disabled={!edit.redo}
            icon={<Redo2 aria-hidden className="size-3.5" />}
            onClick={edit.redo ?? undefined}
          />
        </>
      )}
      <Button
        {...ghost}
        aria-pressed={editing === 'form'}
        icon={<Pencil aria-hidden className="size-3.5" />}
        onClick={toggle('form')}
      >
        {t(editing === 'form' ? 'doneEditing' : 'edit')}
      </Button>
      <Button
        {...ghost}
        aria-pressed={editing === 'spec'}
        icon={<Braces aria-hidden className="size-3.5" />}
        onClick={toggle('spec')}
      >
        {t('spec')}
      </Button>
    </>
  );
}

function Loaded({ chart }: { chart: Chart }) {
  const t = useT(messages);
  const edit = useChartEdit(chart);
  const { draft, change, changed, reset, save } = edit;
  const { spec } = draft;
  const [editing, setEditing] = useState<'form' | 'spec' | null>(null);
  const [chosen, setChosen] = useState<'chart' | 'table' | null>(null);
  const [all, setAll] = useState(false);
  const locale = useStore(localeStore);
  const drawn = useRef<Drawn | null>(null);
  const [gaps, setGaps] = useState(0);
  const rows = chart.data as Row[];
  const guarded = useMemo(() => {
    const otherName = (count: number) =>
      formatMessage(messages[locale].otherCategory, locale, { count });
    return guardChart(spec, rows, { all, otherName });
  }, [spec, rows, all, locale]);
  const description = useMemo(() => describeChart(guarded.spec, guarded.rows), [guarded]);
  const view = chosen ?? guarded.view;
  const asTable = view === 'table';
  const ViewIcon = asTable ? ChartColumn : Table2;
  return (
    <>
      <Suspense>
        {editing === 'form' && (
          <EditForm
            {...{ draft, rows, changed }}
            kinds={chart.kinds}
            onChange={change}
            onKind={edit.switchKind}
            onReset={reset}
          />
        )}
        {editing === 'spec' && (
          <SpecEditor spec={spec} onApply={(next) => change({ spec: next })} />
        )}
      </Suspense>
      {save.error && (
        <div className="p-3">
          <ErrorPanel error={save.error} title={t('cannotSave')} onRetry={() => change({})} />
        </div>
      )}
      <Shown
        view={view}
        chart={chart}
        guarded={guarded}
        description={description}
        notes={<ChartNotes notes={guarded.notes} gaps={gaps} all={all} onAll={setAll} />}
        caption={chart.truncated ? t('truncated', { count: rows.length }) : undefined}
        onDrawn={(next) => {
          drawn.current = next;
          if (next) setGaps(next.gaps);
        }}
      />
      <footer className="flex flex-wrap items-center gap-1 border-t border-line px-3 py-1">
        <span role="status" className="mr-auto text-xs text-subtle">
          <SaveState save={save} />
        </span>
        <FigureChip chart={chart} />
        <EditButtons edit={edit} editing={editing} onEditing={setEditing} />
        <Button
          size="sm"
          variant="ghost"
          icon={<ViewIcon aria-hidden className="size-3.5" />}
          onClick={() => setChosen(asTable ? 'chart' : 'table')}
        >
          {t(asTable ? 'chart' : 'table')}
        </Button>
        {view === 'chart' && <Downloads chart={chart} spec={spec} drawn={() => drawn.current} />}
      </footer>
    </>
  );
}

function Header({ reference, chart }: { reference: ChartRef; chart: Chart | undefined }) {
  const t = useT(messages);
  return (
    <header className="flex min-h-11 flex-wrap items-center gap-x-2 border-b border-line px-3 py-1.5">
      <span className="nums rounded-sm bg-accent-soft px-1.5 text-xs font-strong text-accent">
        {reference.handle}
      </span>
      <h3 className="min-w-0 truncate text-sm">{chart?.title ?? reference.title}</h3>
      <span className="nums ml-auto text-xs text-subtle">
        {t('from', {
          query: reference.query_handle,
          version: chart?.query_version ?? reference.query_version,
          count: chart?.row_count ?? 0,
        })}
      </span>
    </header>
  );
}

const titleOf = (reference: ChartRef, chart: Chart | undefined) => chart?.title ?? reference.title;

const FRAME = 'overflow-hidden rounded-lg border border-line bg-surface shadow-card';

/** A chart of a stored result: never points of its own. */
export function ChartCard(props: ChartCardProps) {
  const { reference, bare = false, renderText, onUpdate } = props;
  const t = useT(messages);
  const { data: chart, error, status, refetch } = useChart(reference);
  // Inside another card it is no landmark of its own.
  const { handle } = reference;
  const label = bare ? undefined : t('card', { handle, title: titleOf(reference, chart) });
  return (
    <section
      data-state={status}
      data-grid-owner
      tabIndex={-1}
      aria-label={label}
      className={cx('min-w-0', !bare && FRAME)}
    >
      {!bare && <Header reference={reference} chart={chart} />}
      {error && (
        <div className="p-3">
          <ErrorPanel error={error} title={t('cannotLoad')} onRetry={() => void refetch()} />
        </div>
      )}
      {chart && <Outdated chart={chart} onUpdate={onUpdate} />}
      {chart && <FigureTexts chart={chart} renderText={renderText} />}
      {chart && <Loaded key={chart.result_id} chart={chart} />}
      {status === 'pending' && (
        <p className="flex h-75 items-center justify-center gap-2 text-sm text-muted">
          <Spinner /> {t('loading')}
        </p>
      )}
    </section>
  );
}

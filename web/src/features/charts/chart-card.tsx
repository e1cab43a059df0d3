import { useQuery } from '@tanstack/react-query';
import { Download, Pencil, Table2, ChartColumn } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useMemo, useRef, useState } from 'react';
import type { ChartRef } from '@/api/parts';
import type { Cell, Chart } from '@/api/types';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { formatMessage } from '@/lib/message-format';
import { localeStore } from '@/lib/preferences';
import { useStore } from '@/lib/store';
import { Button, ErrorPanel, Menu, MenuItem, Spinner } from '@/ui';
import { ResultGrid } from '@/ui/grid';
import { chartOptions } from './api';
import { ChartNotes, NumberCard } from './chart-notes';
import { ChartView } from './chart-view';
import { describeChart, type Row } from './describe';
import { saveFile, saveUrl } from './download';
import type { Drawn } from './vega-draw';
import { guardChart, type GuardedChart } from './guards';
import { messages } from './messages';
import { fieldType } from './spec-form';
import type { Spec } from './sanitise-spec';
import { useChartEdit } from './use-chart-edit';

const EditForm = lazy(() => import('./edit-form'));

interface ChartCardProps {
  /** What the message knows of the chart; everything else is fetched. */
  reference: ChartRef;
  /** Without border and header, inside another card. */
  bare?: boolean;
}

function DataTable({ chart }: { chart: Chart }) {
  const t = useT(messages);
  const names = Object.keys(chart.data[0] ?? {});
  const columns = names.map((name) => {
    const numeric = fieldType(chart.data as Row[], name) === 'quantitative';
    return { name, type: numeric ? ('float64' as const) : ('string' as const) };
  });
  const data = names.map((name) => chart.data.map((row) => (row[name] ?? null) as Cell));
  return (
    <div className="p-3">
      <ResultGrid
        label={t('tableOf', { handle: chart.handle })}
        columns={columns}
        data={data}
        rowCount={chart.data.length}
      />
    </div>
  );
}

interface DownloadsProps {
  chart: Chart;
  spec: Spec;
  drawn: () => Drawn | null;
}

function Downloads({ chart, spec, drawn }: DownloadsProps) {
  const t = useT(messages);
  const name = `${chart.handle}-v${chart.version}`.toLowerCase();
  const image = async (type: 'png' | 'svg') => {
    const address = await drawn()?.toImage(type, 2);
    if (address !== undefined) saveUrl(address, `${name}.${type}`);
  };
  return (
    <Menu
      label={t('download')}
      trigger={
        <Button size="sm" variant="ghost" icon={<Download aria-hidden className="size-3.5" />}>
          {t('download')}
        </Button>
      }
    >
      <MenuItem onSelect={() => void image('png')}>{t('downloadPng')}</MenuItem>
      <MenuItem onSelect={() => void image('svg')}>{t('downloadSvg')}</MenuItem>
      <MenuItem
        onSelect={() => saveFile(JSON.stringify(spec, null, 2), 'application/json', `${name}.json`)}
      >
        {t('downloadSpec')}
      </MenuItem>
    </Menu>
  );
}

interface ShownProps {
  view: GuardedChart['view'];
  chart: Chart;
  guarded: GuardedChart;
  description: string;
  notes: ReactNode;
  onDrawn: (drawn: Drawn | null) => void;
}

/** The chart in the form that suits its data, or that the reader asked for. */
function Shown({ view, chart, guarded, description, notes, onDrawn }: ShownProps) {
  const [first] = Object.entries(chart.data[0] ?? {});
  if (view === 'number' && first) return <NumberCard name={first[0]} value={Number(first[1])} />;
  if (view !== 'chart') return <DataTable chart={chart} />;
  return (
    <>
      {notes}
      <ChartView
        spec={guarded.spec}
        rows={guarded.rows}
        description={description}
        onDrawn={onDrawn}
      />
    </>
  );
}

function Loaded({ chart }: { chart: Chart }) {
  const t = useT(messages);
  const { draft, change, changed, reset, save } = useChartEdit(chart);
  const { spec } = draft;
  const [editing, setEditing] = useState(false);
  const [chosen, setChosen] = useState<'chart' | 'table' | null>(null);
  const [all, setAll] = useState(false);
  const locale = useStore(localeStore);
  const drawn = useRef<Drawn | null>(null);
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
      {editing && (
        <Suspense>
          <EditForm draft={draft} rows={rows} changed={changed} onChange={change} onReset={reset} />
        </Suspense>
      )}
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
        notes={<ChartNotes notes={guarded.notes} all={all} onAll={setAll} />}
        onDrawn={(next) => {
          drawn.current = next;
        }}
      />
      <footer className="flex flex-wrap items-center gap-1 border-t border-line px-3 py-1">
        <span role="status" className="mr-auto text-xs text-subtle">
          {save.isPending
            ? t('saving')
            : save.data
              ? t('saved', { version: save.data.version })
              : ''}
        </span>
        <Button
          size="sm"
          variant="ghost"
          aria-pressed={editing}
          icon={<Pencil aria-hidden className="size-3.5" />}
          onClick={() => setEditing(!editing)}
        >
          {t(editing ? 'doneEditing' : 'edit')}
        </Button>
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
          version: reference.query_version,
          count: chart?.row_count ?? 0,
        })}
      </span>
    </header>
  );
}

const FRAME = 'overflow-hidden rounded-lg border border-line bg-surface shadow-card';

/** A chart of a stored result: never points of its own. */
export function ChartCard({ reference, bare = false }: ChartCardProps) {
  const t = useT(messages);
  const { data: chart, error, status, refetch } = useQuery(chartOptions(reference.chart_id));
  return (
    <section
      data-state={status}
      data-grid-owner
      tabIndex={-1}
      aria-label={t('card', { handle: reference.handle, title: chart?.title ?? reference.title })}
      className={cx('min-w-0', !bare && FRAME)}
    >
      {!bare && <Header reference={reference} chart={chart} />}
      {error && (
        <div className="p-3">
          <ErrorPanel error={error} title={t('cannotLoad')} onRetry={() => void refetch()} />
        </div>
      )}
      {chart && <Loaded key={chart.id} chart={chart} />}
      {status === 'pending' && (
        <p className="flex h-75 items-center justify-center gap-2 text-sm text-muted">
          <Spinner /> {t('loading')}
        </p>
      )}
    </section>
  );
}

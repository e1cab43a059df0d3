import { Braces, ChartColumn, Pencil, Redo2, Table2, Undo2 } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useMemo, useRef, useState } from 'react';
import type { Chart } from '@/api/types';
import { useT } from '@/lib/i18n';
import { formatMessage } from '@/lib/message-format';
import { localeStore } from '@/lib/preferences';
import { useStore } from '@/lib/store';
import { Button, ErrorPanel } from '@/ui';
import { ChartNotes, NumberCard } from './chart-notes';
import { DataTable, Downloads } from './chart-parts';
import { ChartView } from './chart-view';
import { describeChart, type Row } from './describe';
import { FigureChip } from './figure-chip';
import type { Drawn } from './vega-draw';
import { guardChart, type GuardedChart } from './guards';
import { messages } from './messages';
import { useChartEdit } from './use-chart-edit';

const EditForm = lazy(() => import('./edit-form'));
const SpecEditor = lazy(() => import('./spec-editor'));

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

/** A chart with its rows at hand, and what can be done with it. */
export default function ChartBody({ chart }: { chart: Chart }) {
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

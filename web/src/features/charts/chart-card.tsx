import { lazy, Suspense, useEffect } from 'react';
import type { ChartRef } from '@/api/parts';
import type { Chart } from '@/api/types';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { ErrorPanel, Spinner } from '@/ui';
import { cardMessages } from './card-messages';
import { FigureTexts, type RenderText } from './figures';
import { Outdated, type OnUpdate } from './outdated';
import { useChart } from './use-chart';

// What draws is fetched beside the rows, and is in the way of nothing else.
const loadBody = () => import('./chart-body');
const ChartBody = lazy(loadBody);

interface ChartCardProps {
  /** What the message knows of the chart; everything else is fetched. */
  reference: ChartRef;
  /** Without border and header, inside another card. */
  bare?: boolean;
  renderText?: RenderText | undefined;
  onUpdate?: OnUpdate;
}

function Header({ reference, chart }: { reference: ChartRef; chart: Chart | undefined }) {
  const t = useT(cardMessages);
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

function Loading() {
  const t = useT(cardMessages);
  return (
    <p className="flex h-75 items-center justify-center gap-2 text-sm text-muted">
      <Spinner /> {t('loading')}
    </p>
  );
}

/** A chart of a stored result: never points of its own. */
export function ChartCard(props: ChartCardProps) {
  const { reference, bare = false, renderText, onUpdate } = props;
  const t = useT(cardMessages);
  const { data: chart, error, status, refetch } = useChart(reference);
  useEffect(() => void loadBody(), []);
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
      <Suspense fallback={<Loading />}>
        {chart && <ChartBody key={chart.result_id} chart={chart} />}
      </Suspense>
      {status === 'pending' && <Loading />}
    </section>
  );
}

import type { RunHistogram, RunHistogramBar } from '@/api/types';
import { formatTime } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { messages } from './messages';

const sum = (bar: RunHistogramBar) => bar.succeeded + bar.failed + bar.cancelled + bar.active;

/** Bottom up; red on top, where the eye goes. */
const LAYERS = [
  ['succeeded', 'bg-[var(--chart-7)]'],
  ['active', 'bg-accent'],
  ['cancelled', 'bg-control'],
  ['failed', 'bg-danger'],
] as const;

function Bar({ bar, highest }: { bar: RunHistogramBar; highest: number }) {
  const t = useT(messages);
  const total = sum(bar);
  const title = t('bar', { time: formatTime(bar.at), total, failed: bar.failed });
  return (
    <span className="flex h-full min-w-0 flex-1 flex-col-reverse" title={title}>
      {total === 0 ? <span className="h-px bg-line" /> : null}
      {LAYERS.filter(([state]) => bar[state] > 0).map(([state, colour]) => (
        <span
          key={state}
          className={`min-h-0.5 first:rounded-b-[1px] last:rounded-t-[2px] ${colour}`}
          style={{ height: `${(bar[state] / highest) * 100}%` }}
        />
      ))}
    </span>
  );
}

function Legend() {
  const t = useT(messages);
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      {LAYERS.map(([state, colour]) => (
        <li key={state} className="flex items-center gap-1.5">
          <span aria-hidden className={`size-2 rounded-full ${colour}`} />
          {t(`status_${state}`)}
        </li>
      ))}
    </ul>
  );
}

/** Where the histogram will be, as large as it: when it comes, the list below stays where it is. */
export function HistogramPlace() {
  return (
    <div aria-hidden className="rounded-lg border border-line p-4">
      <div className="h-20" />
      <div className="mt-2 h-[1lh] text-xs" />
    </div>
  );
}

/** How many runs began when, by how they ended. */
export function RunsHistogram({ data }: { data: RunHistogram }) {
  const t = useT(messages);
  const highest = Math.max(1, ...data.bars.map(sum));
  const count = (state: 'failed' | 'cancelled') =>
    data.bars.reduce((total, bar) => total + bar[state], 0);
  const label = t('histogram', {
    total: data.total,
    failed: count('failed'),
    cancelled: count('cancelled'),
  });
  return (
    <figure className="flex flex-col gap-2 rounded-lg border border-line bg-surface p-4 shadow-card">
      <div className="flex gap-3">
        <span aria-hidden className="nums w-6 text-right text-xs text-subtle">
          {highest}
        </span>
        <div
          role="img"
          aria-label={label}
          className="flex h-20 min-w-0 flex-1 items-end gap-px border-b border-line sm:gap-0.5"
        >
          {data.bars.map((bar) => (
            <Bar key={bar.at} bar={bar} highest={highest} />
          ))}
        </div>
      </div>
      <figcaption className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 pl-9">
        <Legend />
        <span className="nums text-xs text-subtle">
          {t('until', { time: formatTime(data.since) })}
        </span>
      </figcaption>
    </figure>
  );
}

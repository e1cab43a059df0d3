import type { ColumnFacts, HistogramBin } from '@/api/types';
import { formatCount, formatMeasure, formatShare } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { profileMessages } from './profile-messages';

const WIDTH = 200;
const HEIGHT = 40;

/** An edge of a bar as people read it: a number, or the day of an ISO time. */
export function edge(value: number | string): string {
  if (typeof value === 'number') return formatMeasure(value);
  return value.endsWith('T00:00:00Z') ? value.slice(0, 10) : value.slice(0, 16).replace('T', ' ');
}

export function CompletenessBar({ column }: { column: ColumnFacts }) {
  const t = useT(profileMessages);
  const share = column.completeness;
  const label = t('completeness', { column: column.name, share: formatShare(share) });
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      className="h-1.5 w-full"
    >
      <rect width="100" height="6" rx="1" className="fill-[var(--border)]" />
      {share === null ? null : (
        <rect width={share * 100} height="6" rx="1" className="fill-[var(--chart-1)]" />
      )}
    </svg>
  );
}

/** Bars of equal width. The tallest is named for those who cannot see it; each says itself on hover. */
export function Histogram({ column, bins }: { column: string; bins: HistogramBin[] }) {
  const t = useT(profileMessages);
  const [first] = bins;
  const last = bins[bins.length - 1];
  if (!first || !last) return null;
  const highest = bins.reduce((best, bin) => (bin.count > best.count ? bin : best), first);
  const step = WIDTH / bins.length;
  const label = t('histogram', {
    column,
    bins: bins.length,
    low: edge(first.from),
    high: edge(last.to),
    count: formatCount(highest.count),
    from: edge(highest.from),
    to: edge(highest.to),
  });
  return (
    <div className="flex flex-col gap-0.5">
      <svg
        role="img"
        aria-label={label}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-10 w-full max-w-72"
      >
        {bins.map((bin, index) => {
          // A bar that is there is seen, however small.
          const height = bin.count === 0 ? 0 : Math.max(1, (bin.count / highest.count) * HEIGHT);
          return (
            <rect
              key={index}
              x={index * step + 0.5}
              y={HEIGHT - height}
              width={Math.max(1, step - 1)}
              height={height}
              className="fill-[var(--chart-1)]"
            >
              <title>
                {t('bar', {
                  from: edge(bin.from),
                  to: edge(bin.to),
                  count: formatCount(bin.count),
                })}
              </title>
            </rect>
          );
        })}
      </svg>
      <p aria-hidden className="nums flex max-w-72 justify-between text-xs text-subtle">
        <span>{edge(first.from)}</span>
        <span>{edge(last.to)}</span>
      </p>
    </div>
  );
}

export interface CountedProps {
  label: string;
  rows: { name: string; count: number; quiet?: boolean }[];
  code?: boolean;
}

/** Values or patterns with a bar each; the numbers are there as text. */
export function CountedList({ label, rows, code }: CountedProps) {
  const most = rows[0]?.count ?? 0;
  if (most === 0) return null;
  return (
    <ul aria-label={label} className="flex w-72 max-w-full flex-col gap-0.5 text-xs">
      {rows.map((row, index) => (
        <li
          key={index}
          className="relative flex items-baseline justify-between gap-3 px-1.5 py-0.5"
        >
          <svg
            aria-hidden
            viewBox="0 0 100 10"
            preserveAspectRatio="none"
            className="absolute inset-0 size-full"
          >
            <rect
              width={(row.count / most) * 100}
              height="10"
              rx="0.5"
              className="fill-[var(--accent-soft)]"
            />
          </svg>
          <span
            className={`relative min-w-0 truncate ${code ? 'font-mono' : ''} ${row.quiet ? 'text-subtle italic' : ''}`}
            title={row.name}
          >
            {row.name}
          </span>
          <span className="nums relative shrink-0 text-muted">{formatCount(row.count)}</span>
        </li>
      ))}
    </ul>
  );
}

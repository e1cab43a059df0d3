import { formatCompact, formatDay } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { messages } from './messages';
import type { Day } from './totals';

const HEIGHT = 120;
/** One colour a group; those beyond share the last, as the legend says. */
const LOOKS = [1, 2, 3, 4, 5, 6, 7].map((place) => `var(--chart-${place})`);
const OTHERS = 'var(--chart-8)';

const shade = (place: number) => LOOKS[place] ?? OTHERS;

export interface UsageChartProps {
  days: readonly Day[];
  /** Names of the groups, in the order of each day's values. */
  names: readonly string[];
}

function Bar({ day, x, width, most }: { day: Day; x: number; width: number; most: number }) {
  const t = useT(messages);
  let top = HEIGHT;
  return (
    <g>
      <title>{t('dayTokens', { day: formatDay(day.day), count: day.total })}</title>
      {day.values.map((value, place) => {
        const height = most === 0 ? 0 : (value / most) * HEIGHT;
        top -= height;
        return (
          <rect
            // The place is the group.
            key={place}
            x={x}
            y={top}
            width={width}
            height={height}
            fill={shade(place)}
          />
        );
      })}
      {/* The whole column answers to the pointer, a day without use as well. */}
      <rect x={x} y={0} width={width} height={HEIGHT} className="fill-transparent" />
    </g>
  );
}

/** Tokens by day, stacked by group. The table below it says the same in numbers. */
export function UsageChart({ days, names }: UsageChartProps) {
  const t = useT(messages);
  const most = Math.max(0, ...days.map((day) => day.total));
  const step = 100 / Math.max(1, days.length);
  const legend =
    names.length > LOOKS.length + 1
      ? [...names.slice(0, LOOKS.length), t('others', { count: names.length - LOOKS.length })]
      : names;
  const total = days.reduce((sum, day) => sum + day.total, 0);
  return (
    <figure>
      <div className="flex gap-2">
        <div className="flex flex-col justify-between text-right text-xs text-subtle nums">
          <span>{formatCompact(most)}</span>
          <span>0</span>
        </div>
        <svg
          role="img"
          aria-label={t('chart', { total, days: days.length })}
          viewBox={`0 0 100 ${HEIGHT}`}
          preserveAspectRatio="none"
          className="h-32 min-w-0 flex-1 border-b border-line"
        >
          {days.map((day, place) => (
            <Bar
              key={day.day}
              day={day}
              x={place * step + step * 0.1}
              width={step * 0.8}
              most={most}
            />
          ))}
        </svg>
      </div>
      <div className="mt-1 flex justify-between pl-10 text-xs text-subtle nums">
        {[days[0], days.at(-1)].map((day, end) => (
          <span key={end}>{day === undefined ? null : formatDay(day.day)}</span>
        ))}
      </div>
      {names.length > 1 ? (
        <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
          {legend.map((name, place) => (
            <li key={place} className="flex items-center gap-1.5">
              <svg aria-hidden viewBox="0 0 8 8" className="size-2">
                <rect width="8" height="8" fill={shade(place)} />
              </svg>
              {name}
            </li>
          ))}
        </ul>
      ) : null}
    </figure>
  );
}

import { formatCompact, formatCount } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { messages } from './messages';
import type { Day } from './totals';

const HEIGHT = 120;
const LOOKS = ['fill-accent', 'fill-warning', 'fill-success', 'fill-danger'];

export const shade = (place: number) => LOOKS[place % LOOKS.length] ?? 'fill-accent';

export interface UsageChartProps {
  days: readonly Day[];
  /** Names of the groups, in the order of each day's values. */
  names: readonly string[];
}

function Bar({ day, x, width, most }: { day: Day; x: number; width: number; most: number }) {
  let top = HEIGHT;
  return (
    <g>
      <title>{`${day.day}: ${formatCount(day.total)}`}</title>
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
            className={shade(place)}
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
        <span>{days[0]?.day}</span>
        <span>{days.at(-1)?.day}</span>
      </div>
      {names.length > 1 ? (
        <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
          {names.map((name, place) => (
            <li key={name} className="flex items-center gap-1.5">
              <svg aria-hidden viewBox="0 0 8 8" className="size-2">
                <rect width="8" height="8" className={shade(place)} />
              </svg>
              {name}
            </li>
          ))}
        </ul>
      ) : null}
    </figure>
  );
}

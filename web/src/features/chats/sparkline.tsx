import type { TrendGroup, TrendPoint } from '@/api/answer-parts';
import { useT } from '@/lib/i18n';
import { extraMessages } from './extra-messages';

const WIDTH = 320;
const HEIGHT = 56;
const EDGE = 5;

/** Where a moment lies in time, as far as it tells; a gap is a gap in the line's course. */
function timeOf(at: string): number | null {
  const month = /^\d{4}-\d{2}$/.test(at) ? `${at}-01` : at;
  if (/^\d{4}-\d{2}-\d{2}/.test(month)) {
    const time = Date.parse(month);
    return Number.isNaN(time) ? null : time;
  }
  return /^-?\d+(\.\d+)?$/.test(at) ? Number(at) : null;
}

interface Spot {
  x: number;
  y: number;
}

/** The points of a line in the picture; evenly spaced where moments cannot be compared. */
export function spots(points: readonly TrendPoint[]): Spot[] {
  const known = points.map(({ at }) => timeOf(at));
  const times = known.some((time) => time === null)
    ? points.map((_, index) => index)
    : known.map((time) => time ?? 0);
  const values = points.map(({ value }) => Number(value.raw));
  const scale = (all: number[], size: number) => {
    const [low, high] = [Math.min(...all), Math.max(...all)];
    return (one: number) =>
      EDGE + (high === low ? 0.5 : (one - low) / (high - low)) * (size - 2 * EDGE);
  };
  const [toX, toY] = [scale(times, WIDTH), scale(values, HEIGHT)];
  return points.map((_, index) => ({
    x: toX(times[index] ?? 0),
    y: HEIGHT - toY(values[index] ?? 0),
  }));
}

const path = (line: readonly Spot[]) =>
  line.map(({ x, y }, index) => `${index ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

const extreme = (points: readonly TrendPoint[], sign: 1 | -1) =>
  points.reduce((best, one) =>
    sign * Number(one.value.raw) > sign * Number(best.value.raw) ? one : best,
  );

/** The course of a measure; its ends and extremes are said for those who do not see it. */
export function Sparkline({
  group,
  title,
  color,
}: {
  group: TrendGroup;
  title: string;
  color: number;
}) {
  const t = useT(extraMessages);
  const { points, partial } = group;
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return null;
  const line = spots(points);
  const whole = partial ? line.slice(0, -1) : line;
  const stroke = `var(--chart-${color})`;
  return (
    <svg
      role="img"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-14 w-full overflow-visible"
      aria-label={t('spark', {
        label: title,
        first: first.value.text,
        from: first.x,
        last: last.value.text,
        to: last.x,
        lowest: extreme(points, -1).value.text,
        highest: extreme(points, 1).value.text,
      })}
    >
      <g fill="none" stroke={stroke} strokeWidth={2} strokeLinejoin="round" strokeLinecap="round">
        <path d={path(whole)} vectorEffect="non-scaling-stroke" />
        {partial && (
          <path d={path(line.slice(-2))} strokeDasharray="3 5" vectorEffect="non-scaling-stroke" />
        )}
        {[line[0], line.at(-1)].map(
          (spot, index) =>
            spot && (
              <path
                key={index}
                d={`M${spot.x} ${spot.y}h0`}
                strokeWidth={7}
                vectorEffect="non-scaling-stroke"
              />
            ),
        )}
      </g>
    </svg>
  );
}

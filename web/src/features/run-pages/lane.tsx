import type { RunStep } from '@/api/types';
import { formatDuration } from '@/lib/format';
import { cx } from '@/lib/cx';
import { time, type TreeRow } from './tree';

/** Waiting is hatched, each kind its own way, so that no colour alone tells it from work. */
const LOOKS: Record<string, string> = {
  queue: 'lane-queue',
  wait: 'lane-wait',
  lost: 'lane-lost',
  failed: 'bg-danger',
  step: 'bg-control/60',
  work: 'bg-accent-solid',
};

export function laneLook(step: RunStep): string {
  if (step.status === 'withdrawn') return 'lost';
  if (step.kind === 'queue' || step.kind === 'wait') return step.kind;
  if (step.status === 'failed') return 'failed';
  return step.kind === 'step' || step.kind === 'attempt' ? 'step' : 'work';
}

export function LaneSwatch({ look }: { look: string }) {
  return <span aria-hidden className={cx('inline-block h-2.5 w-5 rounded-[2px]', LOOKS[look])} />;
}

interface LaneProps {
  row: TreeRow;
  place: (at: number) => number;
  now: number;
}

const percent = (share: number) => `${(share * 100).toFixed(3)}%`;

/** When a step was at work, on the axis of the whole run. */
export function Lane({ row, place, now }: LaneProps) {
  const { step } = row;
  const start = place(time(step.started_at));
  const end = place(step.finished_at ? time(step.finished_at) : now);
  // The label stands where there is room: behind the bar, in front of it, or on it.
  const label =
    end <= 0.75
      ? { left: percent(end) }
      : start >= 0.25
        ? { right: percent(1 - start) }
        : { left: percent(start) };
  const on = end > 0.75 && start < 0.25;
  return (
    <span className="relative h-full min-w-0 flex-1 overflow-hidden">
      <span
        className={cx('absolute inset-y-[30%] min-w-0.5 rounded-[2px]', LOOKS[laneLook(step)])}
        style={{ left: percent(start), width: percent(Math.max(0, end - start)) }}
      />
      <span
        className={cx(
          'nums absolute top-1/2 -translate-y-1/2 px-1.5 text-xs whitespace-nowrap text-muted',
          on && 'ml-1 rounded-sm bg-surface px-1',
        )}
        style={label}
      >
        {formatDuration(row.ms)}
      </span>
    </span>
  );
}

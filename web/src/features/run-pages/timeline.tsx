import { ZoomIn, ZoomOut } from 'lucide-react';
import { useState, type WheelEvent } from 'react';
import type { RunRow } from '@/api/types';
import { formatDuration, formatShare } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, IconButton } from '@/ui';
import { Lane, LaneSwatch } from './lane';
import './lane.css';
import { messages } from './run-messages';
import { StepTree, type StepTreeProps } from './step-tree';
import { axis, extentOf, idleGaps, time, type Extent, type TreeRow } from './tree';

export interface TimelineProps {
  run: RunRow;
  now: number;
  /** Every row, for the axis; `tree.rows` may be fewer. */
  all: readonly TreeRow[];
  tree: Omit<StepTreeProps, 'lane'>;
}

const MOST_ZOOM = 64;

/** The part of the run in view: the whole, or a stretch around the selected row. */
function zoomed(extent: Extent, zoom: number, around: number): Extent {
  const width = (extent.end - extent.start) / zoom;
  const start = Math.min(extent.end - width, Math.max(extent.start, around - width / 2));
  return { start, end: start + width };
}

function Legend() {
  const t = useT(messages);
  const items = [
    ['work', t('legendWork')],
    ['queue', t('legendQueue')],
    ['wait', t('legendWait')],
    ['lost', t('legendLost')],
  ] as const;
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      {items.map(([look, label]) => (
        <li key={look} className="flex items-center gap-1.5">
          <LaneSwatch look={look} />
          {label}
        </li>
      ))}
    </ul>
  );
}

function Scale({ extent, zoom }: { extent: Extent; zoom: number }) {
  const width = extent.end - extent.start;
  return (
    <div aria-hidden className="flex h-6 border-b border-line text-xs text-subtle">
      <span className="w-2/5 shrink-0" />
      <span className="nums flex flex-1 items-center justify-between pr-3">
        <span>{zoom === 1 ? formatDuration(0) : ''}</span>
        <span>{formatDuration(width / 2)}</span>
        <span>{formatDuration(width)}</span>
      </span>
    </div>
  );
}

/** The rows against time; it always fits its box, and zooms around the selected row. */
export function Timeline({ run, now, all, tree }: TimelineProps) {
  const t = useT(messages);
  const [zoom, setZoom] = useState(1);
  const [squeezed, setSqueezed] = useState(false);
  const whole = extentOf(run, now);
  const gaps = idleGaps(all, whole, now);
  const idle = gaps.reduce((sum, gap) => sum + gap.end - gap.start, 0);
  const selected = all.find(({ step }) => step.id === tree.selected);
  const around = selected ? time(selected.step.started_at) + selected.ms / 2 : whole.start;
  const extent = zoomed(whole, zoom, around);
  const place = axis(extent, squeezed && zoom === 1 ? gaps : []);
  const scale = (by: number) => setZoom(Math.min(MOST_ZOOM, Math.max(1, zoom * by)));
  const onWheel = (event: WheelEvent) => {
    if (event.metaKey || event.ctrlKey) scale(event.deltaY < 0 ? 2 : 0.5);
  };
  const onKey = (key: string) => {
    if (key === '+' || key === '=') scale(2);
    else if (key === '-') scale(0.5);
    else return tree.onKey(key);
    return true;
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col" onWheel={onWheel}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-3 py-1.5">
        <Legend />
        <span className="ml-auto flex items-center gap-1">
          {gaps.length > 0 && zoom === 1 ? (
            <span className="nums flex items-center gap-2 text-xs text-muted">
              {t('idle', {
                time: formatDuration(whole.end - whole.start),
                share: formatShare(idle / (whole.end - whole.start)),
              })}
              <Button size="sm" aria-pressed={squeezed} onClick={() => setSqueezed(!squeezed)}>
                {t(squeezed ? 'unsqueeze' : 'squeeze')}
              </Button>
            </span>
          ) : null}
          <IconButton
            size="sm"
            label={t('zoomOut')}
            disabled={zoom === 1}
            icon={<ZoomOut aria-hidden className="size-4" />}
            onClick={() => scale(0.5)}
          />
          <IconButton
            size="sm"
            label={t('zoomIn')}
            icon={<ZoomIn aria-hidden className="size-4" />}
            onClick={() => scale(2)}
          />
        </span>
      </div>
      <Scale extent={extent} zoom={zoom} />
      <StepTree
        {...tree}
        onKey={onKey}
        lane={(row) => <Lane row={row} place={place} now={now} />}
      />
    </div>
  );
}

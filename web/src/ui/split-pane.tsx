import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { useT } from '@/lib/i18n';
import { readStored, writeStored } from '@/lib/preferences';
import { messages } from './messages';

export interface SplitPaneProps {
  /** Remembers the width under this name. */
  name: string;
  /** The side that has a width of its own; the other takes the rest. */
  fixed: 'start' | 'end';
  start: ReactNode;
  end: ReactNode;
  initial?: number;
  min?: number;
  max?: number;
}

/** Two panes with a divider that a pointer or the arrow keys move. */
export function SplitPane(props: SplitPaneProps) {
  const { name, fixed, start, end, initial = 280, min = 200, max = 720 } = props;
  const t = useT(messages);
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(() => Number(readStored(`split.${name}`)) || initial);

  const resize = (next: number) => {
    const clamped = Math.round(Math.min(max, Math.max(min, next)));
    setWidth(clamped);
    writeStored(`split.${name}`, String(clamped));
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || !box.current) return;
    const bounds = box.current.getBoundingClientRect();
    resize(fixed === 'start' ? event.clientX - bounds.left : bounds.right - event.clientX);
  };
  const grow = fixed === 'start' ? 'ArrowRight' : 'ArrowLeft';
  const shrink = fixed === 'start' ? 'ArrowLeft' : 'ArrowRight';
  const key = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { [grow]: 24, [shrink]: -24 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    resize(width + step);
  };
  const pane = (side: 'start' | 'end', content: ReactNode) => (
    <div
      className={side === fixed ? 'min-w-0 shrink-0' : 'min-w-0 flex-1'}
      style={side === fixed ? { width } : undefined}
    >
      {content}
    </div>
  );
  return (
    <div ref={box} className="flex h-full min-h-0 w-full">
      {pane('start', start)}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a separator that moves is a widget (ARIA: window splitter) and takes focus */}
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label={t('resize')}
        aria-valuenow={width}
        aria-valuemin={min}
        aria-valuemax={max}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above
        tabIndex={0}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={key}
        className="relative w-px shrink-0 cursor-col-resize touch-none bg-line before:absolute before:inset-y-0 before:-left-1 before:w-2 hover:bg-accent focus-visible:bg-accent"
      />
      {pane('end', end)}
    </div>
  );
}

import { useEffect, useRef, useState } from 'react';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { useTheme } from '@/lib/preferences';
import { ErrorPanel, Spinner } from '@/ui';
import type { Row } from './describe';
import type { Drawn } from './vega-draw';
import { messages } from './messages';
import type { Spec } from './sanitise-spec';

interface ChartViewProps {
  spec: Spec;
  rows: readonly Row[];
  description: string;
  caption?: string | undefined;
  onDrawn: (drawn: Drawn | null) => void;
}

interface Tip {
  x: number;
  y: number;
  lines: [string, string][];
}

function tipLines(value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null) return [['', String(value)]];
  return Object.entries(value).map(([name, shown]) => [name, String(shown)]);
}

/** Width of an element, followed; 0 until it is laid out. */
function useWidth(ref: React.RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const box = ref.current;
    if (!box) return undefined;
    const observer = new ResizeObserver(() => setWidth(Math.floor(box.clientWidth)));
    observer.observe(box);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}

/** The drawing itself; Vega is loaded when the first chart is shown. */
export function ChartView({ spec, rows, description, caption, onDrawn }: ChartViewProps) {
  const t = useT(messages);
  const theme = useTheme();
  const host = useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const [error, setError] = useState<unknown>(null);
  const [drawing, setDrawing] = useState(true);
  const [tip, setTip] = useState<Tip | null>(null);
  const report = useRef(onDrawn);
  useEffect(() => {
    report.current = onDrawn;
  });

  useEffect(() => {
    const box = host.current;
    if (!box || width === 0) return undefined;
    let drawn: Drawn | null = null;
    const stop = new AbortController();
    const gone = () => stop.signal.aborted;
    const onTip = (_: unknown, event: MouseEvent, __: unknown, value: unknown) => {
      const frame = box.getBoundingClientRect();
      if (value === null || value === undefined || value === '') setTip(null);
      else
        setTip({
          x: event.clientX - frame.left,
          y: event.clientY - frame.top,
          lines: tipLines(value),
        });
    };
    const draw = async () => {
      try {
        const { drawChart } = await import('./vega-draw');
        if (gone()) return;
        // Into an element of its own: a drawing that was overtaken is dropped whole.
        const canvas = document.createElement('div');
        drawn = await drawChart(canvas, { spec, rows, theme, width, description, caption }, onTip);
        if (gone()) drawn.finalize();
        else {
          box.replaceChildren(canvas);
          report.current(drawn);
          setError(null);
        }
      } catch (failure) {
        if (!gone()) setError(failure);
      }
      if (!gone()) setDrawing(false);
    };
    void draw();
    return () => {
      stop.abort();
      report.current(null);
      drawn?.finalize();
    };
  }, [spec, rows, description, caption, theme, width]);

  return (
    <div className="relative px-4 py-3">
      {error !== null && <ErrorPanel error={error} title={t('cannotDraw')} />}
      {drawing && (
        <span className="absolute inset-0 flex items-center justify-center gap-2 text-sm text-muted">
          <Spinner /> {t('drawing')}
        </span>
      )}
      {/* A wide chart scrolls inside its card, with the keyboard too. */}
      <div
        ref={host}
        className={cx('overflow-x-auto', drawing && 'min-h-75')}
        hidden={error !== null}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls (WCAG 2.1.1)
        tabIndex={0}
        role="group"
        aria-label={description}
      />
      {tip && (
        <div
          style={{ left: Math.min(tip.x + 28, Math.max(0, width - 160)), top: tip.y + 24 }}
          className="pointer-events-none absolute z-10 max-w-64 rounded-md border border-line bg-raised px-2 py-1 text-xs shadow-overlay"
        >
          {tip.lines.map(([name, value]) => (
            <div key={name} className="flex justify-between gap-4">
              <span className="text-subtle">{name}</span>
              <span className="nums font-strong">{value}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

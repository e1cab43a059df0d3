import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useT } from '@/lib/i18n';
import { useViewport } from '@/ui/grid/use-viewport';
import { indexes, rowSpan } from '@/ui/grid/window';
import { messages } from './run-messages';
import { StepRow } from './step-row';
import { openRows, type TreeRow } from './tree';

/** Above this many rows only those in view are in the page. */
const VIRTUAL_ABOVE = 200;
const EXTRA = 8;

const rowHeight = () => (window.matchMedia('(pointer: coarse)').matches ? 44 : 28);

export interface StepTreeProps {
  rows: readonly TreeRow[];
  selected: string | null;
  /** What is selected by now, where the tree has yet to be drawn: keys go on from there. */
  latest: () => string | null;
  onSelect: (id: string) => void;
  /** Moves on to what the selected step says. */
  onOpen: () => void;
  onKey: (key: string) => boolean;
  lane?: ((row: TreeRow) => ReactNode) | undefined;
  /** Keeps the newest row in view. */
  follow: boolean;
}

function useFolding() {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const fold = (id: string, on: boolean) => {
    const next = new Set(folded);
    if (on) next.add(id);
    else next.delete(id);
    setFolded(next);
  };
  return { folded, fold };
}

/** The id of the next or previous failed row, from the selected one on and around. */
function errorFrom(rows: readonly TreeRow[], at: number, by: 1 | -1): string | undefined {
  for (let step = 1; step <= rows.length; step += 1) {
    const row = rows[(at + by * step + rows.length * 2) % rows.length];
    if (row?.step.status === 'failed') return row.step.id;
  }
  return undefined;
}

/** The rows of a run, moved through with the arrow keys; the tree has one tab stop. */
export function StepTree(props: StepTreeProps) {
  const { rows, selected, onSelect, lane, follow } = props;
  const t = useT(messages);
  const { folded, fold } = useFolding();
  const { ref, viewport, measure } = useViewport();
  const [height] = useState(rowHeight);
  const shown = openRows(rows, folded);
  const at = shown.findIndex(({ step }) => step.id === selected);
  const virtual = shown.length > VIRTUAL_ABOVE;
  const span = virtual
    ? rowSpan(viewport.top, viewport.height, height, shown.length, EXTRA)
    : { start: 0, end: shown.length };

  useReveal(ref, at, height);
  useFollow(ref, follow, shown.length);

  const place = () => {
    const id = props.latest();
    return shown.findIndex(({ step }) => step.id === id);
  };
  const select = (index: number) => {
    const row = shown[Math.min(shown.length - 1, Math.max(0, index))];
    if (row) onSelect(row.step.id);
  };
  const side = (open: boolean) => {
    const row = shown[place()];
    if (!row) return;
    const { id, parent_id: parent } = row.step;
    if (row.children > 0 && folded.has(id) === open) fold(id, !open);
    else if (open) select(place() + 1);
    else if (parent !== null) onSelect(parent);
  };
  const jump = (by: 1 | -1) => {
    const found = errorFrom(shown, place(), by);
    if (found) onSelect(found);
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => select(place() + 1),
    ArrowUp: () => select(place() - 1),
    Home: () => select(0),
    End: () => select(shown.length - 1),
    ArrowRight: () => side(true),
    ArrowLeft: () => side(false),
    Enter: props.onOpen,
    n: () => jump(1),
    p: () => jump(-1),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const act = keys[event.key];
    if (act) act();
    else if (!props.onKey(event.key)) return;
    event.preventDefault();
  };
  return (
    <div
      ref={ref}
      role="tree"
      aria-label={t('steps')}
      tabIndex={0}
      aria-activedescendant={at < 0 ? undefined : `row-${selected ?? ''}`}
      onKeyDown={onKeyDown}
      onScroll={virtual ? measure : undefined}
      className="relative min-h-0 flex-1 overflow-y-auto focus-visible:-outline-offset-2"
    >
      <div role="none" style={{ height: shown.length * height }}>
        {indexes(span, virtual ? at : -1).map((index) => {
          const row = shown[index];
          if (!row) return null;
          return (
            <StepRow
              key={row.step.id}
              id={`row-${row.step.id}`}
              row={row}
              selected={index === at}
              folded={folded.has(row.step.id)}
              height={height}
              top={index * height}
              position={index}
              size={shown.length}
              onSelect={() => onSelect(row.step.id)}
              onFold={() => fold(row.step.id, !folded.has(row.step.id))}
              lane={lane?.(row)}
            />
          );
        })}
      </div>
    </div>
  );
}

type BoxRef = React.RefObject<HTMLDivElement | null>;

/** Scrolls the selected row into view when another one is selected. */
function useReveal(ref: BoxRef, at: number, height: number) {
  useEffect(() => {
    const box = ref.current;
    if (!box || at < 0) return;
    const top = at * height;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + height > box.scrollTop + box.clientHeight)
      box.scrollTop = top + height - box.clientHeight;
  }, [ref, at, height]);
}

function useFollow(ref: BoxRef, follow: boolean, count: number) {
  const before = useRef(count);
  useEffect(() => {
    if (follow && count > before.current && ref.current)
      ref.current.scrollTop = ref.current.scrollHeight;
    before.current = count;
  }, [ref, follow, count]);
}

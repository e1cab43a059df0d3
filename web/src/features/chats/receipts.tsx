import { useRef, type ReactNode } from 'react';
import type { Citation } from '@/api/parts';
import { useT } from '@/lib/i18n';
import CitePopover from './cite-popover';
import { messages } from './messages';
import { useOpened } from './use-opened';

interface ReceiptsProps {
  /** Of the buttons inside, by their index. */
  cites: readonly Citation[];
  onUpdate: (() => void) | null;
  children: ReactNode;
}

/** Shows where the figures inside come from, as it is shown for those of a text. */
export function Receipts({ cites, onUpdate, children }: ReceiptsProps) {
  const box = useRef<HTMLDivElement>(null);
  const { opened, close } = useOpened(box);
  const cite = opened ? cites[opened.index] : undefined;
  return (
    <div ref={box} className="receipts min-w-0">
      {children}
      {opened && cite && (
        <CitePopover cite={cite} {...opened} onClose={close} onUpdate={onUpdate} />
      )}
    </div>
  );
}

interface FigureProps {
  cites: readonly Citation[];
  index: number;
  /** What the figure is of, for readers who hear it alone. */
  of?: string;
  className?: string;
}

/** One figure, as a button that shows its receipt. */
export function Figure({ cites, index, of, className }: FigureProps) {
  const t = useT(messages);
  const cite = cites[index];
  if (!cite) return null;
  const label = [of, cite.shown, t(`cite_${cite.kind}`)].filter(Boolean).join(', ');
  return (
    <button
      type="button"
      data-testid="cite"
      data-cite={cite.kind}
      data-index={index}
      aria-haspopup="dialog"
      aria-label={label}
      className={`cite nums ${className ?? ''}`}
    >
      {cite.shown}
    </button>
  );
}

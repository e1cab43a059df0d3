import { Copy, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { Cell } from '@/api/types';
import { copyText } from '@/lib/clipboard';
import { useT } from '@/lib/i18n';
import { cellText } from './cells';
import { messages } from './messages';

interface CellPanelProps {
  title: string;
  value: Cell | undefined;
  onClose: () => void;
}

const NULL = 'NULL';
const EMPTY_STRING = '""';

function fullText(value: Cell | undefined): string {
  if (value === null) return NULL;
  if (value === '') return EMPTY_STRING;
  if (typeof value === 'object' && !('bytes' in value)) return JSON.stringify(value, null, 2);
  return cellText(value);
}

const BUTTON =
  'inline-flex size-6 items-center justify-center rounded-sm text-muted hover:bg-sunken hover:text-fg';

/** The whole value of one cell, however long. */
export function CellPanel({ title, value, onClose }: CellPanelProps) {
  const t = useT(messages);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const panel = box.current;
    panel?.focus();
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      onClose();
    };
    panel?.addEventListener('keydown', onKey);
    return () => panel?.removeEventListener('keydown', onKey);
  });
  return (
    <div
      ref={box}
      role="group"
      aria-label={title}
      tabIndex={-1}
      className="border-t border-line bg-sunken px-3 py-2 focus:outline-none"
    >
      <div className="flex items-center gap-1">
        <span className="mr-auto text-xs text-muted">{title}</span>
        <button
          type="button"
          className={BUTTON}
          aria-label={t('copyCell')}
          onClick={() => void copyText(cellText(value))}
        >
          <Copy size={14} aria-hidden />
        </button>
        <button type="button" className={BUTTON} aria-label={t('close')} onClick={onClose}>
          <X size={14} aria-hidden />
        </button>
      </div>
      <pre className="max-h-48 overflow-auto text-sm break-words whitespace-pre-wrap">
        {fullText(value)}
      </pre>
    </div>
  );
}

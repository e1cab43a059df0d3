import type { ReactNode } from 'react';
import type { Citation } from '@/api/parts';
import type { BoundResult, DocumentCite, DocumentDetail } from '@/api/types';
import { useT } from '@/lib/i18n';
import { ResultGrid } from '@/ui/grid';
import { messages } from './messages';

/** What other features draw inside of a document; given by the page. */
export interface DocumentSlots {
  /** A text with its figures as buttons. */
  text: (text: string, cites: readonly Citation[]) => ReactNode;
  /** Figures by themselves, each with the words before it. */
  figures: (cites: readonly Citation[], labels: readonly string[]) => ReactNode;
  /** The rows of a stored result. */
  result: (result: BoundResult) => ReactNode;
}

/** Where a cell stands, as spreadsheets say it; the header is line 1. */
function place([row, column]: [number, number]): string {
  let letters = '';
  for (let at = column + 1; at > 0; at = Math.floor((at - 1) / 26))
    letters = String.fromCharCode(65 + ((at - 1) % 26)) + letters;
  return `${letters}${row + 2}`;
}

function SheetReceipts({ cites, slots }: { cites: DocumentCite[]; slots: DocumentSlots }) {
  const t = useT(messages);
  const shown = cites.filter(({ kind }) => kind !== 'asked');
  if (shown.length === 0) return null;
  const labels = shown.map(({ cell }) => (cell ? place(cell) : ''));
  return (
    <section aria-label={t('receipts')} className="flex flex-col gap-2">
      <h2 className="text-title-sm">{t('receipts')}</h2>
      {slots.figures(shown, labels)}
    </section>
  );
}

function Sheet({ document, slots }: DocumentViewProps) {
  const t = useT(messages);
  const { rows, result, figures, title } = document;
  if (result !== null)
    return (
      <div className="flex flex-col gap-2">
        <p className="text-sm text-muted">
          {t('bound', { reference: result.reference, source: result.source_name })}
          {result.truncated ? ` ${t('cut')}` : null}
        </p>
        {slots.result(result)}
      </div>
    );
  if (rows === null) return null;
  return (
    <div className="flex flex-col gap-5">
      <ResultGrid
        label={title}
        columns={rows.columns}
        data={rows.data}
        rowCount={rows.data[0]?.length ?? 0}
      />
      <SheetReceipts cites={figures} slots={slots} />
    </div>
  );
}

interface DocumentViewProps {
  document: DocumentDetail;
  slots: DocumentSlots;
}

/** What a document says. */
export function DocumentView({ document, slots }: DocumentViewProps) {
  const { kind, content, figures, title } = document;
  if (kind === 'sheet') return <Sheet document={document} slots={slots} />;
  if (kind === 'text')
    return (
      <article aria-label={title} className="max-w-[45rem]">
        {slots.text(content, figures)}
      </article>
    );
  return (
    <pre
      // It scrolls, so it can be reached with the keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls takes focus
      tabIndex={0}
      aria-label={title}
      className="overflow-x-auto rounded-lg border border-line bg-surface p-4 font-mono text-xs leading-relaxed"
    >
      {content}
    </pre>
  );
}

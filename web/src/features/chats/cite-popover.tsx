import { Popover as Radix } from 'radix-ui';
import { useEffect, useRef } from 'react';
import type { Citation, CitedCell } from '@/api/parts';
import { cellTarget } from '@/lib/cell-target';
import { formatTime } from '@/lib/format';
import { defineMessages, useT } from '@/lib/i18n';
import { Button, CopyButton } from '@/ui';
import { OVERLAY } from '@/ui/overlay';
import { reference } from './copy-forms';
import { useNewerValue } from './use-newer-value';
import { returnTo } from './use-opened';

const texts = defineMessages({
  en: {
    label: 'Where {shown} comes from',
    exact: 'One cell of a result',
    derived: 'Computed from a result',
    matched: 'Matched: typed by the model, equal to a result',
    document: 'Quoted from a document',
    asked: 'From your question',
    untraced: 'Not traced to any result',
    value: 'Value',
    allRows: 'all rows',
    row: 'row {row}',
    source: 'Source',
    ran: 'Read {time}',
    goTo: 'Go to cell',
    copy: 'Copy reference',
    stale: '{query} has a newer version, v{version}: here it is {value}.',
    update: 'Update the answer',
  },
  fr: {
    label: 'D’où vient {shown}',
    exact: 'Une cellule d’un résultat',
    derived: 'Calculé à partir d’un résultat',
    matched: 'Concordant : écrit par le modèle, égal à un résultat',
    document: 'Cité d’un document',
    asked: 'De votre question',
    untraced: 'Introuvable dans les résultats',
    value: 'Valeur',
    allRows: 'toutes les lignes',
    row: 'ligne {row}',
    source: 'Source',
    ran: 'Lu {time}',
    goTo: 'Aller à la cellule',
    copy: 'Copier la référence',
    stale: '{query} a une version plus récente, v{version} : ici {value}.',
    update: 'Mettre la réponse à jour',
  },
});

const place = (cell: CitedCell, t: (key: 'allRows' | 'row', params?: { row: number }) => string) =>
  cell.row === null
    ? t('allRows')
    : Object.values(cell.key).join(' · ') || t('row', { row: cell.row + 1 });

function Cell({ cell }: { cell: CitedCell }) {
  const t = useT(texts);
  return (
    <li className="flex flex-wrap items-baseline gap-x-2">
      <span className="nums rounded-sm bg-accent-soft px-1.5 text-xs font-strong text-accent">
        {cell.query} v{cell.version}
      </span>
      <span className="min-w-0 break-words text-muted">{place(cell, t)}</span>
      {cell.column !== null && <code className="font-mono text-xs">{cell.column}</code>}
      {cell.value !== null && <span className="nums font-mono text-xs">{cell.value}</span>}
    </li>
  );
}

function Value({ cite }: { cite: Citation }) {
  const t = useT(texts);
  return (
    <p className="flex items-baseline gap-2">
      <span className="nums text-lg font-strong">{cite.shown}</span>
      {cite.value !== null && cite.value !== cite.shown && (
        <span className="nums min-w-0 truncate font-mono text-xs text-subtle" title={t('value')}>
          {cite.value}
        </span>
      )}
    </p>
  );
}

function Origin({ cell }: { cell: CitedCell }) {
  const t = useT(texts);
  return (
    <>
      {cell.line && (
        <pre className="overflow-x-auto rounded-sm bg-sunken px-2 py-1 font-mono text-xs whitespace-pre-wrap">
          {cell.line}
        </pre>
      )}
      {cell.source && (
        <p className="text-xs text-subtle">
          {t('source')}: {cell.source}
          {cell.ran_at && ` · ${t('ran', { time: formatTime(cell.ran_at) })}`}
        </p>
      )}
    </>
  );
}

function Newer({ cell, onUpdate }: { cell: CitedCell; onUpdate: (() => void) | null }) {
  const t = useT(texts);
  const newer = useNewerValue(cell);
  if (!newer) return null;
  return (
    <div className="flex flex-col items-start gap-1.5 rounded-sm bg-warning-soft p-2 text-warning">
      <p>{t('stale', { query: cell.query, ...newer })}</p>
      {onUpdate && (
        <Button size="sm" onClick={onUpdate}>
          {t('update')}
        </Button>
      )}
    </div>
  );
}

function Details({ cite, onUpdate }: { cite: Citation; onUpdate: (() => void) | null }) {
  const t = useT(texts);
  const [first] = cite.cells;
  return (
    <>
      <Value cite={cite} />
      <p className={cite.kind === 'untraced' ? 'text-warning' : 'text-muted'}>{t(cite.kind)}</p>
      {cite.reason && <p>{cite.reason}</p>}
      {cite.kind === 'derived' && <p className="font-mono text-xs break-words">ƒ {cite.formula}</p>}
      {first && (
        <ul className="flex flex-col gap-1">
          {cite.cells.map((cell, index) => (
            <Cell key={index} cell={cell} />
          ))}
        </ul>
      )}
      {first && <Origin cell={first} />}
      {first && <Newer cell={first} onUpdate={onUpdate} />}
    </>
  );
}

interface CitePopoverProps {
  cite: Citation;
  anchor: HTMLElement;
  entered: boolean;
  onClose: () => void;
  onUpdate: (() => void) | null;
}

/** The receipt of one figure, beside it. */
export default function CitePopover(props: CitePopoverProps) {
  const { cite, anchor, entered, onClose, onUpdate } = props;
  const t = useT(texts);
  const reach = useRef(anchor);
  reach.current = anchor;
  useEffect(() => {
    anchor.setAttribute('aria-expanded', 'true');
    return () => anchor.removeAttribute('aria-expanded');
  }, [anchor]);
  const leaving = useRef(false);
  const target = cite.cells.find(({ query_id: id }) => id !== null);
  const onGoTo = () => {
    if (!target?.query_id) return;
    const { query_id: queryId, version, row, column } = target;
    // The focus goes to the cell, not back to the figure.
    leaving.current = true;
    onClose();
    cellTarget.set({ queryId, version, row, column });
  };
  const update = () => {
    onClose();
    onUpdate?.();
  };
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Anchor virtualRef={reach} />
      <Radix.Portal>
        <Radix.Content
          aria-label={t('label', { shown: cite.shown })}
          data-testid="cite-popover"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className={`${OVERLAY} flex max-h-[min(26rem,80vh)] w-[min(22rem,calc(100vw-1rem))] flex-col gap-2 overflow-y-auto p-3 text-sm`}
          onOpenAutoFocus={(event) => !entered && event.preventDefault()}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            // Whoever closed it by pressing something else is there already.
            const free = document.activeElement === document.body;
            if (entered && free && !leaving.current) returnTo(anchor);
          }}
        >
          <Details cite={cite} onUpdate={onUpdate && update} />
          <div className="flex flex-wrap gap-2">
            {target && (
              <Button size="sm" onClick={onGoTo}>
                {t('goTo')}
              </Button>
            )}
            <CopyButton variant="ghost" label={t('copy')} text={() => reference(cite)} />
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

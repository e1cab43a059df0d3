import { lazy, Suspense, useMemo, useRef } from 'react';
import type { Citation } from '@/api/parts';
import { useT } from '@/lib/i18n';
import { Markdown } from '@/ui/markdown';
import { messages } from './messages';
import { useOpened } from './use-opened';

const CitePopover = lazy(() => import('./cite-popover'));
interface CitedTextProps {
  text: string;
  cites: readonly Citation[];
  onUpdate: (() => void) | null;
}

/** An answer's text with its figures as buttons that show where they come from. */
export function CitedText({ text, cites, onUpdate }: CitedTextProps) {
  const t = useT(messages);
  const box = useRef<HTMLDivElement>(null);
  const { opened, close } = useOpened(box);
  const key = JSON.stringify(cites.map(({ start, end, kind }) => [start, end, kind]));
  const marks = useMemo(
    () => cites.map(({ start, end, kind }) => ({ start, end, kind, label: t(`cite_${kind}`) })),
    // Cites are made anew with every part of the log; what is drawn depends on these alone.
    [key, t], // eslint-disable-line react-hooks/exhaustive-deps -- the key holds all of the cites that is drawn
  );
  const cite = opened ? cites[opened.index] : undefined;
  return (
    <>
      <Markdown ref={box} text={text} marks={marks} />
      {opened && cite && (
        <Suspense>
          <CitePopover cite={cite} {...opened} onClose={close} onUpdate={onUpdate} />
        </Suspense>
      )}
    </>
  );
}

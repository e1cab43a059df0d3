import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import type { Citation } from '@/api/parts';
import { useT } from '@/lib/i18n';
import { Markdown } from '@/ui/markdown';
import { messages } from './messages';

const CitePopover = lazy(() => import('./cite-popover'));
const HOVER_MS = 250;

interface Opened {
  anchor: HTMLElement;
  index: number;
  /** Opened on purpose: the popover takes the focus. */
  entered: boolean;
}

const citeAt = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>('button.cite') : null;

/** Which figure of a text is looked at: by hover, focus, click or Enter. */
function useOpened(box: React.RefObject<HTMLDivElement | null>) {
  const [opened, setOpened] = useState<Opened | null>(null);
  useEffect(() => {
    const root = box.current;
    if (!root) return undefined;
    let timer = 0;
    const open = (anchor: HTMLElement, entered: boolean) => {
      window.clearTimeout(timer);
      setOpened({ anchor, index: Number(anchor.dataset.index), entered });
    };
    const onOver = (event: Event) => {
      const anchor = citeAt(event.target);
      window.clearTimeout(timer);
      if (anchor) timer = window.setTimeout(() => open(anchor, false), HOVER_MS);
    };
    const onFocus = (event: Event) => {
      const anchor = citeAt(event.target);
      if (anchor?.matches(':focus-visible')) open(anchor, false);
    };
    const onClick = (event: Event) => {
      const anchor = citeAt(event.target);
      if (anchor) open(anchor, true);
    };
    root.addEventListener('pointerover', onOver);
    root.addEventListener('focusin', onFocus);
    root.addEventListener('click', onClick);
    return () => {
      window.clearTimeout(timer);
      root.removeEventListener('pointerover', onOver);
      root.removeEventListener('focusin', onFocus);
      root.removeEventListener('click', onClick);
    };
  }, [box]);
  return { opened, close: () => setOpened(null) };
}

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
    [key, t], // eslint-disable-line react-hooks/exhaustive-deps
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

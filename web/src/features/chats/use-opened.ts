import { useEffect, useState, type RefObject } from 'react';

const HOVER_MS = 250;

interface Opened {
  anchor: HTMLElement;
  index: number;
  /** Opened on purpose: the popover takes the focus. */
  entered: boolean;
}

const RETURNING = 'data-returning';

/** Gives the focus back to a figure whose receipt was closed, and does not open it again. */
export function returnTo(anchor: HTMLElement): void {
  anchor.setAttribute(RETURNING, '');
  anchor.focus();
  anchor.removeAttribute(RETURNING);
}

const citeAt = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>('button.cite') : null;

/** Which figure inside a box is looked at: by hover, focus, click or Enter. */
export function useOpened(box: RefObject<HTMLDivElement | null>) {
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
      const returns = anchor?.hasAttribute(RETURNING) ?? false;
      if (!returns && anchor?.matches(':focus-visible')) open(anchor, false);
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

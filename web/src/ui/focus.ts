/** An item of a menu goes with its menu; what stays is the button that names it. */
function lasting(element: HTMLElement): HTMLElement | null {
  const menu = element.closest('[role=menu]');
  return menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : element;
}

let last: HTMLElement | null = null;
document.addEventListener('focusin', ({ target }) => {
  if (target instanceof HTMLElement) last = lasting(target);
});

/** What has the focus now, or had it last before that went away. */
export function focused(): HTMLElement | null {
  const now = document.activeElement;
  return now instanceof HTMLElement && now !== document.body ? lasting(now) : last;
}

/** Where focus goes when what had it is no longer there: not nowhere. */
function focusHeading(): void {
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
}

/** Gives the focus back to what had it, if that is still there. */
export function focusAgain(element: HTMLElement | null): void {
  if (element?.isConnected) element.focus();
  else if (document.activeElement === document.body) focusHeading();
}

/** The `ref` of a row that may go while one of its buttons has the focus. */
export function handOnFocus(row: HTMLElement | null): () => void {
  return () => {
    if (row?.contains(document.activeElement)) focusHeading();
  };
}

import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef } from 'react';
import { railStore, setRailNarrow } from '@/lib/preferences';
import { createStore } from '@/lib/store';

/** Whether the list of shortcuts is open. */
export const helpStore = createStore(false);

const JUMPS = {
  a: '/agents',
  c: '/chats',
  d: '/definitions',
  i: '/inbox',
  n: '/chats/new',
  r: '/runs',
  s: '/sources',
} as const;

const isJump = (key: string): key is keyof typeof JUMPS => key in JUMPS;

const isCommand = (event: KeyboardEvent) => event.metaKey || event.ctrlKey;

/** A plain key, meant for the page: not for a field, not for a dialog. */
function isForPage(event: KeyboardEvent): boolean {
  if (isCommand(event) || event.altKey || isTyping(event.target)) return false;
  return document.querySelector('dialog[open]') === null;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);
}

/** `⌘K` search, `?` the list of keys, `[` folds the rail, `g` then a letter jumps to a page. */
export function useShortcuts(openPalette: () => void): void {
  const navigate = useNavigate();
  const wentAt = useRef(0);

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (isCommand(event) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      openPalette();
      return;
    }
    if (!isForPage(event)) return;
    const afterG = event.timeStamp - wentAt.current < 1500;
    wentAt.current = event.key === 'g' ? event.timeStamp : 0;
    if (afterG && isJump(event.key)) {
      event.preventDefault();
      void navigate({ to: JUMPS[event.key] });
    } else if (event.key === '[') {
      setRailNarrow(!railStore.get());
    } else if (event.key === '?') {
      event.preventDefault();
      helpStore.set(true);
    }
  });

  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}

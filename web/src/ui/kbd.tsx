import type { ReactNode } from 'react';

/** The key that commands are held with, as it is written on this machine's keyboard. */
export const MODIFIER = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl ';

export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-sm border border-line bg-surface px-1 font-sans text-xs text-subtle">
      {children}
    </kbd>
  );
}

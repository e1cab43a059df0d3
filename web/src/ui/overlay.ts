import { createContext, useContext } from 'react';

/**
 * Where floating parts (menus, popovers, tooltips) are attached. A modal dialog sits in the
 * browser's top layer, so what opens inside it has to live inside it too.
 */
export const OverlayContainer = createContext<HTMLElement | null>(null);

export function useOverlayContainer(): HTMLElement | undefined {
  return useContext(OverlayContainer) ?? undefined;
}

/** The one look of everything that floats. */
export const OVERLAY =
  'z-30 rounded-lg border border-line bg-raised text-fg shadow-overlay animate-fade';

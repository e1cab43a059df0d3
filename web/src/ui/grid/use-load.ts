import { useEffect } from 'react';
import type { Span } from './window';

/** Asks for the rows in view whenever they change; who answers decides what is really fetched. */
export function useLoad(
  { start, end }: Span,
  load: ((start: number, end: number) => Promise<void>) | undefined,
): void {
  useEffect(() => {
    // A failed page is reported where the data is held; the grid shows its cells as loading.
    load?.(start, end).catch(() => undefined);
  }, [load, start, end]);
}

import { useContext, type ReactNode } from 'react';
import { renewSession } from '@/api/client';
import { createBrowserLive, LiveContext, type Live } from '@/features/runs';

let shared: Live | null = null;

/** One live link for the whole tab, made when a chat is first opened. */
function sharedLive(): Live {
  shared ??= createBrowserLive(async () => {
    await renewSession();
  });
  return shared;
}

/** Gives the pages below it the live link, unless something above them already does. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const given = useContext(LiveContext);
  return <LiveContext value={given ?? sharedLive()}>{children}</LiveContext>;
}

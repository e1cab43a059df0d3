import { createContext, use, useCallback, useEffect, useRef, useSyncExternalStore } from 'react';
import type { LinkState } from './healing-socket';
import type { LiveLink, ThreadChange } from './live';
import { unknownRun, type LiveRun, type RunStore } from './run-store';

export interface Live {
  link: LiveLink;
  store: RunStore;
}

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = use(LiveContext);
  if (live === null) throw new Error('LiveContext is missing above this component');
  return live;
}

/** The folded log of a run, followed live; `null` watches nothing. */
export function useLiveRun(runId: string | null): LiveRun {
  const { store } = useLive();
  const subscribe = useCallback(
    (listener: () => void) => (runId === null ? () => undefined : store.watch(runId, listener)),
    [store, runId],
  );
  return useSyncExternalStore(subscribe, () => (runId === null ? unknownRun : store.get(runId)));
}

/** Calls back when a thread changed on the server: a message, its title or its run. */
export function useThreadChanges(threadId: string, onChange: (change: ThreadChange) => void): void {
  const { link } = useLive();
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(
    () =>
      link.watchThread(threadId, (change) => {
        latest.current(change);
      }),
    [link, threadId],
  );
}

export function useLinkState(): LinkState {
  const { link } = useLive();
  return useSyncExternalStore(link.onState, link.getState);
}

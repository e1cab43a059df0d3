import type { RunEntry } from '@/api/parts';
import { emptyRun, foldInto, type RunView } from './fold';
import type { Clock } from './healing-socket';
import type { LiveLink } from './live';

export interface LiveRun {
  view: RunView;
  /** The run's status as the server last said it; the log alone does not know queueing. */
  status: string | null;
  /** How many runs are ahead of this one in the queue; null when it does not wait. */
  ahead: number | null;
}

interface Watched {
  run: LiveRun;
  pending: RunEntry[];
  listeners: Set<() => void>;
  unwatch: (() => void) | null;
}

/** Between one screen update and the next; readers cannot follow faster. */
export const FLUSH_MS = 80;
/** Runs kept in memory after their last reader left, so that coming back resumes. */
const KEEP = 20;

export const unknownRun: LiveRun = { view: emptyRun, status: null, ahead: null };

/** Folds watched runs and tells readers at most once per `FLUSH_MS`, for all runs together. */
export class RunStore {
  readonly #link: LiveLink;
  readonly #clock: Clock;
  readonly #runs = new Map<string, Watched>();
  #flushing = false;

  constructor(link: LiveLink, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  get(id: string): LiveRun {
    return this.#runs.get(id)?.run ?? unknownRun;
  }

  watch(id: string, listener: () => void): () => void {
    const watched = this.#watched(id);
    watched.listeners.add(listener);
    watched.unwatch ??= this.#link.watchRun(id, {
      after: () => watched.pending.at(-1)?.[0] ?? watched.run.view.seq,
      onParts: (entries) => {
        watched.pending.push(...entries);
        this.#schedule();
      },
      onStatus: (status, place) => {
        watched.run = { ...watched.run, status, ahead: place === null ? null : place - 1 };
        this.#schedule();
      },
    });
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size > 0) return;
      watched.unwatch?.();
      watched.unwatch = null;
      this.#forgetOldest();
    };
  }

  #watched(id: string): Watched {
    const known = this.#runs.get(id);
    const watched = known ?? {
      run: unknownRun,
      pending: [],
      listeners: new Set(),
      unwatch: null,
    };
    this.#runs.delete(id);
    this.#runs.set(id, watched);
    return watched;
  }

  #schedule(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#clock.later(() => {
      this.#flush();
    }, FLUSH_MS);
  }

  #flush(): void {
    this.#flushing = false;
    const listeners = new Set<() => void>();
    for (const watched of this.#runs.values()) {
      const { pending } = watched;
      watched.pending = [];
      const view = foldInto(watched.run.view, pending);
      if (view !== watched.run.view) watched.run = { ...watched.run, view };
      for (const listener of watched.listeners) listeners.add(listener);
    }
    for (const listener of listeners) listener();
  }

  #forgetOldest(): void {
    for (const [id, { listeners }] of this.#runs) {
      if (this.#runs.size <= KEEP) return;
      if (listeners.size === 0) this.#runs.delete(id);
    }
  }
}

import type { RunEntry } from '@/api/parts';
import { HealingSocket, type Clock, type LinkState, type SocketOptions } from './healing-socket';

export interface RunWatcher {
  /** The last sequence number this watcher holds; said again at every reconnect. */
  after: () => number;
  onParts: (entries: readonly RunEntry[]) => void;
  /** `place`: where a waiting run stands in the queue, 1 for the next. */
  onStatus?: (status: string, place: number | null) => void;
}

export type ThreadChange = 'message' | 'title' | 'run';
/** A change of the inbox; `request` is null for the count alone. */
export interface InboxChange {
  change: string;
  request: string | null;
  needs_me: number;
}

export type InboxWatcher = (change: InboxChange) => void;
export type ThreadWatcher = (change: ThreadChange) => void;

interface RunFrame {
  type: 'run';
  run: string;
  status: string;
  queue_position?: number | null;
}

type ServerFrame =
  | { type: 'parts'; run: string; parts: RunEntry[] }
  | RunFrame
  | { type: 'thread'; thread: string; change: ThreadChange }
  | ({ type: 'inbox' } & InboxChange)
  | { type: 'error'; code: string; run?: string }
  | { type: 'pong' };

const IDLE_CLOSE_MS = 10_000;

/** The tab's one link to the server: runs and threads are watched over a single socket. */
export class LiveLink {
  readonly #socket: HealingSocket;
  readonly #clock: Clock;
  readonly #runs = new Map<string, RunWatcher>();
  readonly #threads = new Map<string, Set<ThreadWatcher>>();
  readonly #inbox = new Set<InboxWatcher>();
  #cancelIdle: (() => void) | null = null;

  constructor(options: SocketOptions) {
    this.#clock = options.clock;
    this.#socket = new HealingSocket(options);
    this.#socket.onOpen = () => {
      this.#resubscribe();
    };
    this.#socket.onFrame = (data) => {
      this.#receive(data);
    };
  }

  getState = (): LinkState => this.#socket.state;

  onState = (listener: () => void): (() => void) => this.#socket.onState(listener);

  wake = (): void => {
    this.#socket.wake();
  };

  /** One watcher per run: the run store shares it among components. */
  watchRun(run: string, watcher: RunWatcher): () => void {
    this.#runs.set(run, watcher);
    this.#hold();
    this.#socket.send({ type: 'subscribe', run, after: watcher.after() });
    return () => {
      if (this.#runs.get(run) !== watcher) return;
      this.#runs.delete(run);
      this.#socket.send({ type: 'unsubscribe', run });
      this.#releaseWhenUnused();
    };
  }

  watchThread(thread: string, watcher: ThreadWatcher): () => void {
    const watchers = this.#threads.get(thread) ?? new Set();
    this.#threads.set(thread, watchers.add(watcher));
    this.#hold();
    if (watchers.size === 1) this.#socket.send({ type: 'subscribe', thread });
    return () => {
      if (!watchers.delete(watcher) || watchers.size > 0) return;
      this.#threads.delete(thread);
      this.#socket.send({ type: 'unsubscribe', thread });
      this.#releaseWhenUnused();
    };
  }

  watchInbox(watcher: InboxWatcher): () => void {
    this.#inbox.add(watcher);
    this.#hold();
    if (this.#inbox.size === 1) this.#socket.send({ type: 'subscribe', inbox: true });
    return () => {
      if (!this.#inbox.delete(watcher) || this.#inbox.size > 0) return;
      this.#socket.send({ type: 'unsubscribe', inbox: true });
      this.#releaseWhenUnused();
    };
  }

  #resubscribe(): void {
    if (this.#inbox.size > 0) this.#socket.send({ type: 'subscribe', inbox: true });
    for (const thread of this.#threads.keys()) this.#socket.send({ type: 'subscribe', thread });
    for (const [run, watcher] of this.#runs)
      this.#socket.send({ type: 'subscribe', run, after: watcher.after() });
  }

  #receive(data: string): void {
    const frame = JSON.parse(data) as ServerFrame;
    if (frame.type === 'parts') this.#runs.get(frame.run)?.onParts(frame.parts);
    else if (frame.type === 'run') this.#said(frame);
    else if (frame.type === 'inbox') for (const watcher of this.#inbox) watcher(frame);
    else if (frame.type === 'error') this.#refused(frame.run);
    else if (frame.type === 'thread')
      for (const watcher of this.#threads.get(frame.thread) ?? []) watcher(frame.change);
  }

  #said({ run, status, queue_position: place = null }: RunFrame): void {
    this.#runs.get(run)?.onStatus?.(status, place);
  }

  /** A refusal is final. */
  #refused(run: string | undefined): void {
    if (run !== undefined) this.#runs.get(run)?.onStatus?.('refused', null);
  }

  #hold(): void {
    this.#cancelIdle?.();
    this.#cancelIdle = null;
    this.#socket.need();
  }

  #releaseWhenUnused(): void {
    if (this.#runs.size > 0 || this.#threads.size > 0 || this.#inbox.size > 0) return;
    this.#cancelIdle?.();
    this.#cancelIdle = this.#clock.later(() => {
      this.#socket.release();
    }, IDLE_CLOSE_MS);
  }
}

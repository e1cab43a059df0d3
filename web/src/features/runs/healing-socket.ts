/** The part of `WebSocket` this needs; tests bring their own. */
export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(data: string): void;
  close(): void;
}

export interface Clock {
  /** Calls `run` once after `ms`; the returned function cancels it. */
  later(run: () => void, ms: number): () => void;
}

export interface SocketOptions {
  connect: () => SocketLike;
  clock: Clock;
  /** Between 0 and 1; spreads the reconnects of many tabs. */
  random: () => number;
  /** Renews the session before the next try, after the server refused the socket. */
  renew: () => Promise<void>;
}

export type LinkState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'offline';

const BACKOFF_MS = [1000, 2000, 4000, 8000, 15_000];
const RECONNECTING_AFTER_MS = 3000;
const OFFLINE_AFTER_MS = 30_000;
const PING_EVERY_MS = 20_000;
const PONG_WITHIN_MS = 10_000;
/** Close code of the socket when the session is no longer good. */
const UNAUTHENTICATED = 4401;

type TimerName = 'reconnecting' | 'offline' | 'retry' | 'ping' | 'pong';

/** A socket that is dialled again until nobody needs it. */
export class HealingSocket {
  onOpen: () => void = () => undefined;
  onFrame: (data: string) => void = () => undefined;
  readonly #options: SocketOptions;
  readonly #listeners = new Set<() => void>();
  readonly #timers = new Map<TimerName, () => void>();
  #socket: SocketLike | null = null;
  #needed = false;
  #attempt = 0;
  #state: LinkState = 'idle';

  constructor(options: SocketOptions) {
    this.#options = options;
  }

  get state(): LinkState {
    return this.#state;
  }

  onState(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  need(): void {
    if (this.#needed) return;
    this.#needed = true;
    this.#down();
    this.#dial();
  }

  release(): void {
    this.#needed = false;
    for (const name of [...this.#timers.keys()]) this.#cancel(name);
    this.#drop();
    this.#setState('idle');
  }

  /** The network is back or the tab is looked at: do not wait for the next try. */
  wake(): void {
    if (!this.#needed) return;
    if (this.#state === 'connected') this.#ping();
    else if (this.#socket === null) {
      this.#attempt = 0;
      this.#dial();
    }
  }

  /** Frames said while the link is down are dropped: `onOpen` says again what counts. */
  send(frame: object): void {
    if (this.#state === 'connected') this.#socket?.send(JSON.stringify(frame));
  }

  #dial(): void {
    this.#cancel('retry');
    const socket = this.#options.connect();
    this.#socket = socket;
    socket.onopen = () => {
      if (socket === this.#socket) this.#opened();
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket && typeof data === 'string') this.#received(data);
    };
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#lost(code);
    };
  }

  #opened(): void {
    this.#cancel('reconnecting');
    this.#cancel('offline');
    this.#setState('connected');
    this.onOpen();
    this.#ping();
  }

  #received(data: string): void {
    // Only an answer proves the link: a server that accepts and hangs up must not reset the backoff.
    this.#attempt = 0;
    this.#cancel('pong');
    this.onFrame(data);
  }

  #lost(code: number): void {
    this.#drop();
    this.#cancel('ping');
    this.#cancel('pong');
    if (this.#state === 'connected') this.#down();
    const base = BACKOFF_MS[Math.min(this.#attempt, BACKOFF_MS.length - 1)] ?? 15_000;
    this.#attempt += 1;
    this.#later('retry', base * (0.75 + this.#options.random() * 0.5), () => {
      if (code === UNAUTHENTICATED) void this.#renewAndDial();
      else this.#dial();
    });
  }

  async #renewAndDial(): Promise<void> {
    // A refused renewal is shown by the next dial's own refusal; it must not end the tries.
    await this.#options.renew().catch(() => undefined);
    if (this.#needed && this.#socket === null) this.#dial();
  }

  #down(): void {
    this.#setState('connecting');
    this.#later('reconnecting', RECONNECTING_AFTER_MS, () => {
      this.#setState('reconnecting');
    });
    this.#later('offline', OFFLINE_AFTER_MS, () => {
      this.#setState('offline');
    });
  }

  #ping(): void {
    this.send({ type: 'ping' });
    this.#later('pong', PONG_WITHIN_MS, () => {
      this.#lost(0);
    });
    this.#later('ping', PING_EVERY_MS, () => {
      this.#ping();
    });
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #later(name: TimerName, ms: number, run: () => void): void {
    this.#cancel(name);
    const cancel = this.#options.clock.later(() => {
      this.#timers.delete(name);
      run();
    }, ms);
    this.#timers.set(name, cancel);
  }

  #cancel(name: TimerName): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }

  #setState(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

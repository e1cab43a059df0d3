import type { RunEntry } from '@/api/parts';
import type { Clock, SocketLike } from './healing-socket';

/** A clock that moves when told to; timers run in the order of their time. */
export class FakeClock implements Clock {
  now = 0;
  #timers: { at: number; run: () => void }[] = [];

  later(run: () => void, ms: number): () => void {
    const timer = { at: this.now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  advance(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.now = next.at;
      next.run();
    }
    this.now = until;
  }
}

/** The server's end of one connection. */
export class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: Record<string, unknown>[] = [];
  closed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Record<string, unknown>);
  }

  close(): void {
    this.closed = true;
  }

  accept(): void {
    this.onopen?.();
  }

  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  parts(run: string, parts: RunEntry[]): void {
    this.say({ type: 'parts', run, parts });
  }

  hangUp(code = 1006): void {
    this.onclose?.({ code });
  }

  subscriptions(): Record<string, unknown>[] {
    return this.sent.filter(({ type }) => type === 'subscribe');
  }
}

/** Hands out fake sockets and remembers them, newest last. */
export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  renewals = 0;

  connect = (): FakeSocket => {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  };

  renew = (): Promise<void> => {
    this.renewals += 1;
    return Promise.resolve();
  };

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('nobody has connected yet');
    return socket;
  }
}

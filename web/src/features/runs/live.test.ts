import { beforeEach, describe, expect, it } from 'vitest';
import type { RunEntry } from '@/api/parts';
import { LiveLink } from './live';
import { FLUSH_MS, RunStore } from './run-store';
import { FakeClock, FakeServer } from './testing';

let clock: FakeClock;
let server: FakeServer;
let link: LiveLink;
let store: RunStore;
/** 0.5 makes the jitter factor exactly 1. */
let random: number;

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer();
  random = 0.5;
  const { connect, renew } = server;
  link = new LiveLink({ connect, clock, random: () => random, renew });
  store = new RunStore(link, clock);
});

const text = (from: number, ...deltas: string[]): RunEntry[] =>
  deltas.map((delta, index) => [from + index, { type: 'text-delta', id: 't', delta }]);
const opening: RunEntry[] = [
  [1, { type: 'start' }],
  [2, { type: 'text-start', id: 't' }],
];
const shownText = () =>
  store
    .get('r')
    .view.parts.map((part) => (part.type === 'text' ? part.text : ''))
    .join('');
const ignore = () => undefined;

describe('subscriptions', () => {
  it('share one socket and say where they stand', () => {
    store.watch('r', ignore);
    link.watchThread('th', ignore);
    expect(server.sockets).toHaveLength(1);
    server.last.accept();
    expect(server.last.subscriptions()).toEqual([
      { type: 'subscribe', thread: 'th' },
      { type: 'subscribe', run: 'r', after: 0 },
    ]);
  });

  it('are said at once on an open socket, and withdrawn when the last watcher leaves', () => {
    link.watchThread('th', ignore);
    server.last.accept();
    const leave = store.watch('r', ignore);
    const leaveToo = store.watch('r', () => undefined);
    expect(server.last.subscriptions()).toHaveLength(2);
    leave();
    expect(server.last.sent).not.toContainEqual({ type: 'unsubscribe', run: 'r' });
    leaveToo();
    expect(server.last.sent).toContainEqual({ type: 'unsubscribe', run: 'r' });
  });

  it('let the socket go when nothing is watched for a while', () => {
    const leave = store.watch('r', ignore);
    server.last.accept();
    leave();
    expect(server.last.closed).toBe(false);
    clock.advance(10_000);
    expect(server.last.closed).toBe(true);
    expect(link.getState()).toBe('idle');
    clock.advance(120_000);
    expect(server.sockets).toHaveLength(1);
  });

  it('tell thread changes to their own watchers only', () => {
    const seen: string[] = [];
    link.watchThread('a', (change) => seen.push(`a:${change}`));
    link.watchThread('b', (change) => seen.push(`b:${change}`));
    server.last.accept();
    server.last.say({ type: 'thread', thread: 'b', change: 'title' });
    expect(seen).toEqual(['b:title']);
  });
});

describe('resume', () => {
  it('continues after the last part it holds, and shows nothing twice', () => {
    store.watch('r', ignore);
    server.last.accept();
    server.last.parts('r', [...opening, ...text(3, 'once ')]);
    server.last.hangUp();
    clock.advance(1000);
    server.last.accept();
    expect(server.last.subscriptions()).toEqual([{ type: 'subscribe', run: 'r', after: 3 }]);
    server.last.parts('r', [...text(3, 'once '), ...text(4, 'only')]);
    clock.advance(FLUSH_MS);
    expect(shownText()).toBe('once only');
  });

  it('keeps the fold of a run whose page was left, and goes on from there', () => {
    const leave = store.watch('r', ignore);
    server.last.accept();
    server.last.parts('r', [...opening, ...text(3, 'a')]);
    clock.advance(FLUSH_MS);
    leave();
    store.watch('r', ignore);
    expect(server.last.subscriptions().at(-1)).toEqual({ type: 'subscribe', run: 'r', after: 3 });
  });

  it('does not insist when the server refuses a run', () => {
    store.watch('r', ignore);
    server.last.accept();
    server.last.say({ type: 'error', code: 'not_found', run: 'r' });
    clock.advance(FLUSH_MS);
    expect(store.get('r').status).toBe('refused');
    expect(server.last.subscriptions()).toHaveLength(1);
  });

  it('ignores frames of a socket that was given up', () => {
    store.watch('r', ignore);
    const [first] = server.sockets;
    first?.accept();
    first?.hangUp();
    clock.advance(1000);
    first?.parts('r', [...opening, ...text(3, 'ghost')]);
    clock.advance(FLUSH_MS);
    expect(shownText()).toBe('');
  });
});

describe('reconnecting', () => {
  const dialsAfterHangUp = (ms: number): boolean => {
    const before = server.sockets.length;
    server.last.hangUp();
    clock.advance(ms - 1);
    const early = server.sockets.length > before;
    clock.advance(1);
    return !early && server.sockets.length === before + 1;
  };

  it('waits 1, 2, 4, 8, then 15 seconds', () => {
    store.watch('r', ignore);
    for (const seconds of [1, 2, 4, 8, 15, 15]) expect(dialsAfterHangUp(seconds * 1000)).toBe(true);
  });

  it('spreads tabs by a quarter either way', () => {
    store.watch('r', ignore);
    random = 0;
    expect(dialsAfterHangUp(750)).toBe(true);
    random = 1;
    expect(dialsAfterHangUp(2500)).toBe(true);
  });

  it('starts over only after the server has answered, not merely accepted', () => {
    store.watch('r', ignore);
    server.last.accept();
    expect(dialsAfterHangUp(1000)).toBe(true);
    server.last.accept();
    expect(dialsAfterHangUp(2000)).toBe(true);
    server.last.accept();
    server.last.say({ type: 'pong' });
    expect(dialsAfterHangUp(1000)).toBe(true);
  });

  it('tries at once when the network or the reader comes back', () => {
    store.watch('r', ignore);
    server.last.hangUp();
    link.wake();
    expect(server.sockets).toHaveLength(2);
    link.wake();
    expect(server.sockets).toHaveLength(2);
  });

  it('renews the session before the next try when the server refused it', async () => {
    store.watch('r', ignore);
    server.last.hangUp(4401);
    clock.advance(1000);
    expect(server.renewals).toBe(1);
    await Promise.resolve();
    await Promise.resolve();
    expect(server.sockets).toHaveLength(2);
  });

  it('gives up a socket that stopped answering', () => {
    store.watch('r', ignore);
    server.last.accept();
    server.last.say({ type: 'pong' });
    clock.advance(20_000 + 10_000);
    expect(server.sockets[0]?.closed).toBe(true);
    clock.advance(1000);
    expect(server.sockets).toHaveLength(2);
  });

  it('says so after 3 s and is offline after 30 s, not before, and recovers', () => {
    const states: string[] = [];
    link.onState(() => states.push(`${clock.now}:${link.getState()}`));
    store.watch('r', ignore);
    server.last.accept();
    for (let at = 0; at < 32; at += 1) {
      if (server.last.onclose && !server.last.closed) server.last.hangUp();
      clock.advance(1000);
    }
    link.wake();
    server.last.accept();
    expect(states).toEqual([
      '0:connecting',
      '0:connected',
      '0:connecting',
      '3000:reconnecting',
      '30000:offline',
      '32000:connected',
    ]);
  });
});

describe('updates of the screen', () => {
  it('come at most once per flush, with everything that arrived', () => {
    let updates = 0;
    store.watch('r', () => (updates += 1));
    server.last.accept();
    server.last.parts('r', opening);
    for (let seq = 3; seq < 50; seq += 1) {
      server.last.parts('r', text(seq, 'x'));
      clock.advance(2);
    }
    clock.advance(FLUSH_MS);
    expect(shownText()).toHaveLength(47);
    expect(updates).toBeLessThanOrEqual(Math.ceil((47 * 2) / FLUSH_MS) + 1);
  });

  it('carry the status the server reports beside the log', () => {
    store.watch('r', ignore);
    server.last.accept();
    server.last.say({ type: 'run', run: 'r', status: 'queued', thread: 'th' });
    clock.advance(FLUSH_MS);
    expect(store.get('r').status).toBe('queued');
  });
});

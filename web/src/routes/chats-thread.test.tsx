import { createMemoryHistory } from '@tanstack/react-router';
import { act, configure, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RunEntry } from '@/api/parts';
import { createQueryClient } from '@/api/query-client';
import type { Message, Thread } from '@/api/types';
import { App } from '@/app/app';
import { createAppRouter } from '@/app/router';
import { LiveContext } from '@/features/runs';
import { LiveLink } from '@/features/runs/live';
import { FLUSH_MS, RunStore } from '@/features/runs/run-store';
import { FakeClock, FakeServer as FakeLiveServer } from '@/features/runs/testing';
import { fakeThread } from '@/testing/fakes';
import { fakeServer } from '@/testing/render';

const AT = '2026-11-20T14:02:00Z';
// The first render waits for the lazily loaded page; a busy machine takes its time.
configure({ asyncUtilTimeout: 10_000 });

let clock: FakeClock;
let live: FakeLiveServer;
let thread: Thread;
let messages: Message[];

const question = (id: string, text: string, changes: Partial<Message> = {}): Message => {
  const parts = [{ type: 'text', text, state: 'done' }];
  return { id, role: 'user', parts, status: 'complete', metadata: {}, created_at: AT, ...changes };
};
const answer = (id: string, changes: Partial<Message> = {}): Message => {
  const base = { id, role: 'assistant', parts: [], status: 'complete', metadata: {} } as const;
  return { ...base, created_at: AT, ...changes, parts: changes.parts ?? [] };
};

function open(prepare: (server: ReturnType<typeof fakeServer>) => void = () => undefined) {
  const server = fakeServer()
    .on('GET /threads/:id', () => thread)
    .on('GET /threads/:id/messages', () => ({ data: messages }));
  prepare(server);
  const { connect, renew } = live;
  const link = new LiveLink({ connect, clock, random: () => 0.5, renew });
  const queryClient = createQueryClient();
  const history = createMemoryHistory({ initialEntries: ['/chats/t1'] });
  render(
    <LiveContext value={{ link, store: new RunStore(link, clock) }}>
      <App queryClient={queryClient} router={createAppRouter(queryClient, history)} />
    </LiveContext>,
  );
  return { server, user: userEvent.setup() };
}

const say = (run: string, entries: RunEntry[]) =>
  act(() => {
    live.last.parts(run, entries);
    clock.advance(FLUSH_MS);
  });

const opening: RunEntry[] = [
  [1, { type: 'start', messageMetadata: { started_at: AT } }],
  [2, { type: 'start-step' }],
  [3, { type: 'text-start', id: 't' }],
];

beforeEach(() => {
  clock = new FakeClock();
  live = new FakeLiveServer();
  thread = fakeThread();
  messages = [question('u1', 'How much?'), answer('a1', { run_id: 'r1' })];
});

describe('a thread whose run is active', () => {
  beforeEach(() => {
    thread = fakeThread({ active_run: { id: 'r1', status: 'running' } });
    messages = [question('u1', 'How much?'), answer('a1', { run_id: 'r1', status: 'running' })];
  });

  it('picks the run up from its beginning and follows it', async () => {
    open();
    await screen.findByText('How much?');
    act(() => live.last.accept());
    expect(live.last.subscriptions()).toContainEqual({ type: 'subscribe', run: 'r1', after: 0 });
    say('r1', [...opening, [4, { type: 'text-delta', id: 't', delta: 'It is **42' }]]);
    expect(await screen.findByText(/It is/)).toBeTruthy();
    say('r1', [[5, { type: 'text-delta', id: 't', delta: '**.' }]]);
    expect((await screen.findByText('42')).tagName).toBe('STRONG');
    expect(screen.getByTestId('work-log').dataset.state).toBe('running');
  });

  it('shows the stored message once the run is over', async () => {
    open();
    await screen.findByText('How much?');
    act(() => live.last.accept());
    say('r1', [...opening, [4, { type: 'text-delta', id: 't', delta: 'Almost' }]]);
    const before = await screen.findByTestId('answer-text');
    thread = fakeThread();
    const parts = [{ type: 'step-start' }, { type: 'text', text: 'Almost done.', state: 'done' }];
    messages = [question('u1', 'How much?')];
    messages[1] = answer('a1', {
      run_id: 'r1',
      parts,
      metadata: { model: { id: 'm1', name: 'GPT' }, cost: null },
    });
    say('r1', [[5, { type: 'finish' }]]);
    expect(await screen.findByText('Almost done.')).toBeTruthy();
    await waitFor(() => expect(screen.getByTestId('composer').dataset.state).toBe('idle'));
    expect(screen.getByTestId('work-log').dataset.state).toBe('done');
    // What a reader has under the pointer is not replaced by its like.
    expect(screen.getByTestId('answer-text')).toBe(before);
    expect(screen.getByText('cost unknown', { exact: false, selector: 'span span' })).toBeTruthy();
  });

  it('says how many are ahead in the queue, and stops from the work log too', async () => {
    const { server, user } = open((fake) => fake.on('POST /runs/:id/stop', () => ({})));
    messages[1] = answer('a1', { run_id: 'r1', status: 'queued' });
    const log = await screen.findByTestId('work-log');
    act(() => {
      live.last.accept();
      live.last.say({ type: 'run', run: 'r1', status: 'queued', queue_position: 3 });
      clock.advance(FLUSH_MS);
    });
    expect(await within(log).findByText('Queued · 2 ahead')).toBeTruthy();
    await user.click(within(log).getByRole('button', { name: 'Stop' }));
    expect(server.requests.some(({ path }) => path === '/runs/r1/stop')).toBe(true);
  });

  it('stops the run, and keeps what it said where it failed', async () => {
    const { server, user } = open((fake) => fake.on('POST /runs/:id/stop', () => ({})));
    await user.click(await screen.findByTestId('stop'));
    expect(server.requests.some(({ path }) => path === '/runs/r1/stop')).toBe(true);
    act(() => live.last.accept());
    const failed = { type: 'error', errorText: 'No worker online', code: 'no_worker' };
    say('r1', [...opening, [4, { type: 'text-delta', id: 't', delta: 'Half' }], [5, failed]]);
    expect(await screen.findByText('Half')).toBeTruthy();
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('No worker online');
    expect(within(alert).getByRole('link', { name: 'See workers' })).toBeTruthy();
  });

  it('queues what is asked meanwhile, and can send it now or take it back', async () => {
    const accepted = { message_id: 'u2', run_id: 'r2', thread_id: 't1', queued: true, ahead: 1 };
    const { server, user } = open((fake) =>
      fake
        .on('POST /threads/:id/messages', () => {
          const more = question('u2', 'And why?', { status: 'queued', run_id: 'r2' });
          messages = [...messages.filter(({ id }) => id !== 'u2'), more];
          return accepted;
        })
        .on('DELETE /threads/:id/messages/:message', () => {
          messages = messages.filter(({ id }) => id !== 'u2');
        }),
    );
    await user.type(await screen.findByRole('textbox', { name: 'Message' }), 'And why?{Enter}');
    const item = (await screen.findByText('And why?')).closest('li');
    if (!item) throw new Error('not in the queue');
    expect(item.textContent).toContain('Sends when this finishes');
    expect(within(screen.getByRole('log')).queryByText('And why?')).toBeNull();
    await user.click(within(item).getByRole('button', { name: 'Send now' }));
    await waitFor(() =>
      expect(server.sent('POST /threads/:id/messages')).toEqual([
        { text: 'And why?', locale: 'en' },
        { text: 'And why?', mode: 'send_now', locale: 'en' },
      ]),
    );
    expect(server.sent('DELETE /threads/:id/messages/:message')).toHaveLength(1);
  });
});

describe('an idle thread', () => {
  it('shows the question at once and gives it back when it was refused', async () => {
    let refuse: (response: Response) => void = () => undefined;
    const { user } = open((fake) =>
      fake.on('POST /threads/:id/messages', () => new Promise((resolve) => (refuse = resolve))),
    );
    await user.type(await screen.findByRole('textbox', { name: 'Message' }), 'New one{Enter}');
    expect(await within(screen.getByRole('log')).findByText('New one')).toBeTruthy();
    const body = { title: 'No model', code: 'no_model', status: 409, detail: 'Connect a model' };
    refuse(Response.json(body, { status: 409 }));
    expect((await screen.findByRole('alert')).textContent).toContain('Connect a model');
    expect(within(screen.getByRole('log')).queryByText('New one')).toBeNull();
    const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' });
    expect(field.value).toBe('New one');
  });

  it('runs /sql without a model, and shows what the server kept of the thread', async () => {
    const kept: unknown[] = [];
    const version = {
      ...{ query_id: 'q9', handle: 'Q9', version: 1, sql: 'SELECT 1', source_id: 's1' },
      ...{ source_name: 'Retail sample', status: 'done', columns: [], row_count: 0 },
      ...{ author: { kind: 'user', name: 'Dana' }, truncated: false, row_limit: 1000, ran_at: AT },
    };
    const { server, user } = open((fake) =>
      fake
        .on('POST /queries', () => (kept.push(version), version))
        .on('GET /threads/:id/queries', () => ({ data: kept }))
        .on('GET /queries/:id', () => ({ query_id: 'q9', handle: 'Q9', versions: [version] })),
    );
    await user.type(
      await screen.findByRole('textbox', { name: 'Message' }),
      '/sql SELECT 1{Enter}',
    );
    expect((await screen.findByTestId('sql-card')).textContent).toContain('returned no rows');
    expect(server.sent('POST /queries')).toEqual([
      { source_id: 's1', sql: 'SELECT 1', thread_id: 't1' },
    ]);
    expect(server.sent('POST /threads/:id/messages')).toEqual([]);
  });

  it('stores the model of the thread on the server', async () => {
    const { server, user } = open((fake) =>
      fake
        .on('GET /models', () => ({
          data: [
            { id: 'm0', name: 'Demo', is_active: true, is_demo: true },
            { id: 'm1', name: 'GPT', is_active: false, is_demo: false },
          ],
          next: null,
        }))
        .on('PATCH /threads/:id', ({ body }) => (thread = { ...thread, ...(body as object) })),
    );
    await user.click(await screen.findByRole('button', { name: /Model: Demo model · no key/ }));
    await user.click(await screen.findByRole('menuitemradio', { name: 'GPT' }));
    await waitFor(() => expect(server.sent('PATCH /threads/:id')).toEqual([{ model_id: 'm1' }]));
  });
});

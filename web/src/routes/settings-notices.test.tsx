import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Notifications, Webhook } from '@/api/types';
import { fakeServer, renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

const each = { browser: true, email: 'daily', webhook: true } as const;

const START: Notifications = {
  kinds: {
    approval: each,
    question: each,
    review: each,
    problem: each,
    finished: each,
    mention: each,
  },
  time_zone: null,
  digest_hour: 8,
  mail: { configured: false, sender: null, to: null },
};

const HOOK: Webhook = {
  id: 'w1',
  name: 'Pager',
  url: 'https://hooks.example.org/x',
  organization: false,
  kinds: [],
  enabled: true,
  disabled_reason: '',
  previous_until: null,
  created_at: '2026-11-18T14:02:00Z',
  waiting: 0,
  failed: 0,
};

const away = () => problem(503, 'away');

/** A server that keeps what is saved, and answers a save only when it is let. */
function withSlowSaves() {
  let now = START;
  const waiting: ((fails?: boolean) => void)[] = [];
  const server = fakeServer()
    .on('GET /notifications', () => now)
    .on('GET /webhooks', () => [])
    .on('PUT /notifications', async ({ body }) => {
      const fails = await new Promise((resolve) => {
        waiting.push((fail) => resolve(fail === true));
      });
      if (fails) return away();
      return (now = { ...now, ...(body as Partial<Notifications>) });
    });
  const answer = async (at: number, fails = false) => {
    await waitFor(() => expect(waiting.length).toBeGreaterThan(at));
    waiting[at]?.(fails);
  };
  return { server, answer, kept: () => now };
}

const box = (name: string) => screen.getByRole('checkbox', { name });

test('a slow answer takes nothing back that was chosen meanwhile', async () => {
  const { server, answer, kept } = withSlowSaves();
  const { user } = renderApp('/settings/notifications', server);
  await user.click(await screen.findByRole('checkbox', { name: 'Approvals: Webhook' }));
  await user.click(box('Problems: Webhook'));
  await answer(0);
  await waitFor(() => expect(kept().kinds.approval.webhook).toBe(false));
  await user.hover(box('Reviews: Webhook'));
  expect(box('Problems: Webhook')).not.toBeChecked();
  await user.click(box('Reviews: Webhook'));
  await answer(1);
  await answer(2);
  await waitFor(() => expect(kept().kinds.review.webhook).toBe(false));
  expect(kept().kinds.problem.webhook).toBe(false);
  expect(kept().kinds.approval.webhook).toBe(false);
});

test('a choice that could not be saved is taken back alone', async () => {
  const { server, answer, kept } = withSlowSaves();
  const { user } = renderApp('/settings/notifications', server);
  await user.click(await screen.findByRole('checkbox', { name: 'Approvals: Webhook' }));
  await answer(0);
  await waitFor(() => expect(kept().kinds.approval.webhook).toBe(false));
  await user.click(box('Problems: Webhook'));
  await answer(1, true);
  expect(await screen.findByText('away')).toBeVisible();
  expect(box('Problems: Webhook')).toBeChecked();
  expect(box('Approvals: Webhook')).not.toBeChecked();
});

function withHook() {
  return withSlowSaves()
    .server.on('GET /webhooks', () => [HOOK])
    .on('POST /webhooks/:id/rotate', () => ({ ...HOOK, secret: 'whsec_new' }))
    .on('PATCH /webhooks/:id', away)
    .on('POST /webhooks/:id/test', () => ({ ok: true, detail: 'Answered 200.', elapsed_ms: 3 }));
}

test('after a new secret focus is where it was before', async () => {
  const { user } = renderApp('/settings/notifications', withHook());
  const actions = await screen.findByRole('button', { name: 'Actions of Pager' });
  await user.click(actions);
  await user.click(await screen.findByRole('menuitem', { name: 'New secret' }));
  await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'New secret' }));
  await screen.findByText('whsec_new');
  expect(screen.getAllByRole('dialog')).toHaveLength(1);
  await user.click(screen.getByRole('button', { name: 'Done' }));
  await waitFor(() => expect(actions).toHaveFocus());
});

test('an error goes when what was asked for next succeeds', async () => {
  const { user } = renderApp('/settings/notifications', withHook());
  await user.click(await screen.findByRole('button', { name: 'Actions of Pager' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Switch off' }));
  expect(await screen.findByText('away')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Send a test' }));
  expect(await screen.findByText('Answered 200.')).toBeVisible();
  expect(screen.queryByText('away')).toBeNull();
});

test('webhooks that are on their way are not taken for none', async () => {
  const { server } = withSlowSaves();
  server.on('GET /webhooks', () => new Promise(() => undefined));
  renderApp('/settings/notifications', server);
  expect(await screen.findByRole('status', { name: 'Loading webhooks' })).toBeVisible();
});

test('focus is not lost with the row of a webhook that is removed', async () => {
  const server = withHook();
  server.on('DELETE /webhooks/:id', () => {
    server.on('GET /webhooks', () => []);
  });
  const { user } = renderApp('/settings/notifications', server);
  await user.click(await screen.findByRole('button', { name: 'Actions of Pager' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Remove' }));
  const asked = within(screen.getByRole('dialog'));
  await user.click(asked.getByRole('button', { name: 'Remove webhook' }));
  await screen.findByText('No webhooks yet.');
  expect(screen.getByRole('heading', { level: 1 })).toHaveFocus();
});

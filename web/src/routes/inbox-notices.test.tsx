import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { InboxDetail } from '@/api/types';
import { fakeAction, fakeRequest } from '@/testing/fakes-inbox';
import { fakeServer, renderApp } from '@/testing/render';

const showing = (request: InboxDetail) => fakeServer().on('GET /requests/:id', () => request);

const NOTICE = fakeRequest({
  kind: 'finished',
  risk: 'read',
  reason: 'Check the orders',
  rule: '',
  description: 'Revenue was fine.',
  actions: [
    fakeAction({
      name: 'acknowledge',
      title: 'Done',
      args: null,
      args_schema: null,
      allow: { approve: true, edit: false, reject: false, respond: false },
    }),
  ],
});

test('how a run ended is told and marked as done; nothing is approved', async () => {
  renderApp('/inbox/q1', showing(NOTICE));
  expect(await screen.findByRole('heading', { name: 'How it ended' })).toBeVisible();
  expect(screen.getByRole('button', { name: 'Mark as done' })).toBeEnabled();
  expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull();
  expect(screen.queryByRole('heading', { name: 'Done' })).toBeNull();
});

test('a notice that was marked as done says so', async () => {
  const dana = { id: 'u1', name: 'Dana Ray' };
  const at = '2026-11-18T14:05:00Z';
  const history = [{ at, by: 'Dana Ray', what: 'decided', detail: { type: 'approve' } }];
  const done = { status: 'approved', decided_by: dana, decided_at: at } as const;
  renderApp('/inbox/q1', showing({ ...NOTICE, ...done, history }));
  expect(await screen.findByText(/^Marked as done by Dana Ray/)).toBeVisible();
  expect(screen.getByText('marked it as done')).toBeVisible();
});

const QUESTION = fakeRequest({
  kind: 'question',
  risk: 'read',
  actions: [
    fakeAction({
      name: 'request_human',
      title: 'Ask a person',
      args: { title: 'In which currency?' },
      allow: { approve: false, edit: false, reject: false, respond: true },
    }),
  ],
});

test('a question is no call: its card only takes the answer', async () => {
  renderApp('/inbox/q1', showing(QUESTION));
  expect(await screen.findByLabelText('Your answer to the agent')).toBeVisible();
  expect(screen.queryByRole('heading', { name: 'Ask a person' })).toBeNull();
});

test('what was answered is shown', async () => {
  const by = { id: 'u1', name: 'Dana Ray' };
  const at = '2026-11-18T14:05:00Z';
  const said = { action_id: 'c1', type: 'respond', args: 'In EUR, please' } as const;
  const whole = { decision_id: 'd1', by, at, type: 'respond', before: 3, after: 4 } as const;
  const decided = { status: 'responded', decided_by: by, decided_at: at } as const;
  const decisions = [{ ...whole, decisions: [said] }];
  renderApp('/inbox/q1', showing({ ...QUESTION, ...decided, decisions }));
  expect(await screen.findByText('In EUR, please')).toBeVisible();
});

test('notices are marked as done together, and cannot be rejected', async () => {
  const allow = { approve: true, edit: false, reject: false, respond: false };
  const actions = [fakeAction({ name: 'acknowledge', title: 'Done', args: null, allow })];
  const all = ['q1', 'q2'].map((id) =>
    fakeRequest({
      id,
      title: `Finished ${id}`,
      kind: 'finished',
      risk: 'read',
      run_id: id,
      actions,
    }),
  );
  const server = fakeServer().on('GET /requests', () => ({ data: all, next: null }));
  const { user } = renderApp('/inbox', server);
  await user.click(await screen.findByLabelText('Select Finished q1'));
  await user.click(screen.getByLabelText('Select Finished q2'));
  expect(screen.getByRole('button', { name: 'Mark selected as done' })).toBeEnabled();
  expect(screen.queryByRole('button', { name: 'Reject selected' })).toBeNull();
});

import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { ActionDecision, InboxDetail } from '@/api/types';
import type { EditedLook } from '@/features/inbox/api';
import { violations } from '@/testing/axe';
import { fakeAction, fakeRequest } from '@/testing/fakes-inbox';
import { fakeServer, renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

const SCHEMA = {
  type: 'object',
  properties: { which: { type: 'string' }, why: { type: 'string' } },
  required: ['which', 'why'],
};
const ALL = { which: 'true', why: 'all' };
const DESTROYS: EditedLook = {
  preview: {
    kind: 'sql_write',
    verb: 'DELETE',
    table: 'orders',
    statement: 'DELETE FROM orders WHERE true',
    estimated_rows: 40,
    exact: true,
    note: 'No which narrows it down: every row of orders is affected.',
  },
  risk: 'destructive',
  requires: 1,
  refused: null,
  hint: null,
};
const CHANGES: EditedLook = { ...DESTROYS, risk: 'write', preview: null };

const writes = (changes: Partial<InboxDetail> = {}) =>
  fakeRequest({
    actions: [fakeAction({ args: { ...ALL, which: 'id = 1' }, args_schema: SCHEMA })],
    ...changes,
  });

function serving(request: InboxDetail, look: () => unknown) {
  return fakeServer()
    .on('GET /requests/:id', () => request)
    .on('POST /requests/:id/preview', look)
    .on('POST /requests/:id/decide', () => ({ ...request, status: 'edited' }));
}

type Server = ReturnType<typeof serving>;
const decided = (server: Server) =>
  server
    .sent('POST /requests/:id/decide')
    .map((body) => (body as { decisions: ActionDecision[] }).decisions);

async function approveEdited(server: Server) {
  const { user } = renderApp('/inbox/q1', server);
  const field = await screen.findByLabelText('Which');
  await user.clear(field);
  await user.type(field, ALL.which);
  await user.click(screen.getByRole('button', { name: 'Approve with edits' }));
  return user;
}

test('an edit that destroys is approved by typing the name of the table', async () => {
  const server = serving(writes(), () => ({ ...DESTROYS, requires: 2 }));
  const user = await approveEdited(server);
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByText('As you edited it, this destroys data.')).toBeVisible();
  expect(dialog.getByText(/every row of orders is affected/)).toBeVisible();
  expect(dialog.getByText('2 people must approve this very call.')).toBeVisible();
  expect(await violations()).toEqual([]);
  const confirm = dialog.getByRole('button', { name: 'Approve with edits' });
  expect(confirm).toBeDisabled();
  expect(decided(server)).toEqual([]);
  await user.type(dialog.getByLabelText('Name'), 'orders');
  await user.click(confirm);
  const edit = { action_id: 'c1', type: 'edit', args: ALL };
  await waitFor(() => expect(decided(server)).toEqual([[edit]]));
});

test('an edit that destroys nothing is approved at once', async () => {
  const server = serving(writes(), () => CHANGES);
  await approveEdited(server);
  await waitFor(() => expect(decided(server)).toHaveLength(1));
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('an edit that nobody could look at is confirmed like one that destroys', async () => {
  const server = serving(writes(), () => problem(503, 'no_worker', { detail: 'No worker.' }));
  const user = await approveEdited(server);
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByText(/Nobody could look at what it would do/)).toBeVisible();
  await user.type(dialog.getByLabelText('Name'), 'Retail sample');
  await user.click(dialog.getByRole('button', { name: 'Approve with edits' }));
  await waitFor(() => expect(decided(server)).toHaveLength(1));
});

test('an edit of a call that has no preview is sent', async () => {
  const plain = serving(writes(), () => problem(409, 'no_preview'));
  await approveEdited(plain);
  await waitFor(() => expect(decided(plain)).toHaveLength(1));
});

test('an edit that can never be made is not sent', async () => {
  const server = serving(writes(), () => ({ ...CHANGES, refused: 'DROP is not allowed.' }));
  await approveEdited(server);
  expect(await screen.findByText('As you edited it, this cannot be done')).toBeVisible();
  expect(screen.getByText('DROP is not allowed.')).toBeVisible();
  expect(decided(server)).toEqual([]);
});

test('whoever approves second sees the edits of the first and takes them over', async () => {
  const request = writes({
    risk: 'destructive',
    preview: { actions: { c1: { statement: 'DELETE FROM orders WHERE id = 1' } } },
    requires: 2,
    approvals: 1,
    decisions: [
      {
        decision_id: 'd1',
        by: { id: 'u9', name: 'Eve' },
        at: '2026-11-18T14:05:00Z',
        type: 'edit',
        decisions: [{ action_id: 'c1', type: 'edit', args: ALL }],
        before: 3,
        after: 4,
      },
    ],
  });
  const server = serving(request, () => DESTROYS);
  const { user } = renderApp('/inbox/q1', server);
  expect(await screen.findByText(/Eve has approved it with the edits below/)).toBeVisible();
  // What was asked for is no longer what is to be approved.
  expect(screen.getByRole('heading', { name: 'As it was proposed' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Take over these edits' }));
  expect(screen.getByLabelText('Which')).toHaveValue('true');
  expect(screen.queryByRole('button', { name: 'Take over these edits' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Approve with edits' }));
  const dialog = within(await screen.findByRole('dialog'));
  await user.type(dialog.getByLabelText('Name'), 'orders');
  await user.click(dialog.getByRole('button', { name: 'Approve with edits' }));
  await waitFor(() =>
    expect(decided(server)).toEqual([[{ action_id: 'c1', type: 'edit', args: ALL }]]),
  );
});

import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { InboxDetail, RuleProposal } from '@/api/types';
import { fakeAction, fakeRequest } from '@/testing/fakes-inbox';
import { fakeServer, renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

const showing = (request: InboxDetail) => fakeServer().on('GET /requests/:id', () => request);

test('a preview shows the statement, how many rows, and which', async () => {
  const server = showing(
    fakeRequest({
      preview: {
        statement: 'update orders set x = 1',
        estimated_rows: 1204,
        columns: ['id', 'x'],
        rows: [
          ['9007199254740993', null],
          ['2', '0'],
        ],
      },
    }),
  );
  renderApp('/inbox/q1', server);
  expect(await screen.findByText('update orders set x = 1')).toBeVisible();
  expect(screen.getByText('About 1,204 rows')).toBeVisible();
  expect(screen.getByText('9007199254740993')).toBeVisible();
  expect(screen.getByText('NULL')).toBeVisible();
});

test('a request to another host is shown as what is sent, not as its fields', async () => {
  const preview = {
    kind: 'http',
    method: 'POST',
    url: 'https://crm.example/notes',
    headers: { 'X-Team': 'sales' },
    body: '{"note":"late"}',
  };
  renderApp('/inbox/q1', showing(fakeRequest({ preview: { actions: { '1': preview } } })));
  expect(await screen.findByText('POST https://crm.example/notes')).toBeVisible();
  expect(screen.getByRole('cell', { name: 'sales' })).toBeVisible();
  expect(screen.getByText('"note": "late"', { exact: false })).toBeVisible();
  expect(screen.queryByText('kind')).toBeNull();
});

test('a write is shown as a diff, and once edited can be looked at again', async () => {
  const sql = "UPDATE orders SET status = 'closed' WHERE id = 1";
  const server = showing(
    fakeRequest({
      preview: {
        actions: {
          '1': {
            kind: 'sql_write',
            verb: 'UPDATE',
            statement: sql,
            estimated_rows: 1,
            exact: true,
            columns: ['id', 'status'],
            before: [[1, 'open']],
            after: [[1, 'closed']],
          },
        },
      },
    }),
  );
  renderApp('/inbox/q1', server);
  expect(await screen.findByText(sql)).toBeVisible();
  expect(screen.getByText('1 row')).toBeVisible();
  const table = screen.getByRole('table');
  expect(table.querySelector('del')).toHaveTextContent('open');
  expect(table.querySelector('ins')).toHaveTextContent('closed');
  expect(table.querySelectorAll('del')).toHaveLength(1);
  expect(screen.queryByRole('button', { name: 'Show what it would do' })).toBeNull();
});

const PROPOSAL: RuleProposal = {
  tool: 'write_sql',
  title: 'Change rows with SQL',
  exact: { verb: 'UPDATE', table: 'public.orders' },
  within: { columns: ['status'], reads: [] },
  source: { id: 's1', name: 'Shop' },
  sentence: 'UPDATE public.orders (status) in Shop',
  agent: { id: 'a1', name: 'Steward' },
  rows: 3,
  asks_after_reading: false,
};

async function openRule(server: ReturnType<typeof fakeServer>) {
  const { user } = renderApp('/inbox/q1', server);
  await user.click(await screen.findByRole('button', { name: 'More actions' }));
  await user.click(await screen.findByRole('menuitem', { name: /Always allow this/ }));
  return { user, dialog: within(await screen.findByRole('dialog')) };
}

test('the exact rule is shown before it is saved, with its rows', async () => {
  const server = showing(fakeRequest())
    .on('GET /requests/:id/rule', () => PROPOSAL)
    .on('POST /requests/:id/rule', () => ({ ...PROPOSAL, id: 'u1', number: 4 }));
  const { user, dialog } = await openRule(server);
  expect(await dialog.findByText('public.orders')).toBeVisible();
  expect(dialog.getByText('status')).toBeVisible();
  const rows = dialog.getByLabelText('Most rows of one call');
  expect(rows).toHaveValue('3');
  await user.clear(rows);
  expect(dialog.getByRole('button', { name: 'Save rule' })).toBeDisabled();
  await user.type(rows, '5');
  await user.click(dialog.getByRole('button', { name: 'Save rule' }));
  expect(await screen.findByText('Rule 4 is saved')).toBeVisible();
  expect(server.sent('POST /requests/:id/rule')).toEqual([
    { action_id: 'c1', max_rows: 5, after_reading: false },
  ]);
});

test('where no rule can be made the dialog says why', async () => {
  const server = showing(fakeRequest()).on('GET /requests/:id/rule', () =>
    problem(409, 'no_rule', { detail: 'A statement with WITH is asked about each time.' }),
  );
  const { dialog } = await openRule(server);
  expect(await dialog.findByRole('alert')).toHaveTextContent('WITH is asked about each time');
  expect(dialog.getByRole('button', { name: 'Save rule' })).toBeDisabled();
});

test('what destroys is never offered as a rule', async () => {
  const { user } = renderApp('/inbox/q1', showing(fakeRequest({ risk: 'destructive' })));
  await user.click(await screen.findByRole('button', { name: 'More actions' }));
  expect(await screen.findByRole('menuitem', { name: 'Mark as unread' })).toBeVisible();
  expect(screen.queryByRole('menuitem', { name: /Always allow/ })).toBeNull();
});

test('what was approved with edits is what is shown, beside what was proposed', async () => {
  const at = '2026-11-18T14:05:00Z';
  const asked = { source_id: 's1', sql: 'UPDATE orders SET a = 1 WHERE b = 2' };
  const sql = 'UPDATE orders SET a = 3 WHERE b = 2';
  const dana = { id: 'u1', name: 'Dana Ray' };
  const request = fakeRequest({
    status: 'edited',
    decided_at: at,
    decided_by: dana,
    preview: { statement: asked.sql },
    actions: [fakeAction({ args: asked, args_schema: null })],
    decisions: [
      {
        decision_id: 'd1',
        by: dana,
        at,
        type: 'edit',
        decisions: [{ action_id: 'c1', type: 'edit', args: { ...asked, sql } }],
        before: 3,
        after: 4,
      },
    ],
    history: [{ at, by: 'Dana Ray (token laptop)', what: 'opened', detail: {} }],
  });
  renderApp('/inbox/q1', showing(request));
  expect(await screen.findByLabelText('SQL')).toHaveValue(sql);
  expect(screen.getByRole('heading', { name: 'As it was proposed' })).toBeVisible();
  const changed = screen.getByRole('table');
  expect(within(changed).getByRole('rowheader', { name: 'SQL' })).toBeVisible();
  expect(within(changed).getByText(asked.sql)).toBeVisible();
  expect(screen.getAllByText('Retail sample')).toHaveLength(2);
  expect(screen.queryByDisplayValue('s1')).toBeNull();
  expect(screen.queryByText(/token laptop/)).toBeNull();
});

test('similar past decisions and the history are there', async () => {
  const at = '2026-11-17T10:00:00Z';
  const request = fakeRequest({
    similar: [
      {
        id: 'q0',
        number: 3,
        title: 'Steward wanted to clean customers',
        status: 'rejected',
        decided_at: at,
        decided_by: 'Ada',
        message: 'Too broad.',
      },
    ],
    history: [
      { at, by: 'Steward', what: 'opened', detail: {} },
      { at, by: 'Ada', what: 'decided', detail: { type: 'edit' } },
    ],
  });
  renderApp('/inbox/q1', showing(request));
  await screen.findByRole('heading', { name: 'Similar past decisions' });
  const link = screen.getByRole('link', { name: 'Steward wanted to clean customers' });
  expect(link).toHaveAttribute('href', '/inbox/q0');
  expect(screen.getByText('Too broad.')).toBeVisible();
  expect(screen.getByText('approved with edits')).toBeVisible();
});

test('who may not decide sees why, and no buttons', async () => {
  const server = showing(fakeRequest({ may_decide: false, excludes_owner: true }));
  renderApp('/inbox/q1', server);
  expect(await screen.findByText('Whoever started this may not approve it.')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull();
});

import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { InboxDetail } from '@/api/types';
import { fakeRequest } from '@/testing/fakes-inbox';
import { fakeServer, renderApp } from '@/testing/render';

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

test('who may not decide sees why, and no buttons', async () => {
  const server = showing(fakeRequest({ may_decide: false, excludes_owner: true }));
  renderApp('/inbox/q1', server);
  expect(await screen.findByText('Whoever started this may not approve it.')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull();
});

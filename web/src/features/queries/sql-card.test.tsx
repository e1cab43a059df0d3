import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { createQueryClient } from '@/api/query-client';
import type { QueryInput, QueryVersion, Rows } from '@/api/types';
import { FakeServer } from '@/testing/server';
import { SqlCard } from './sql-card';

const columns = [
  { name: 'id', type: 'int64' as const },
  { name: 'name', type: 'string' as const },
];
const base: QueryVersion = {
  query_id: 'q1',
  handle: 'Q1',
  version: 1,
  sql: 'SELECT id, name FROM customers',
  title: 'Customers',
  source_id: 's1',
  source_name: 'Retail sample',
  status: 'done',
  author: { kind: 'agent', name: 'Analyst' },
  result_id: 'r1',
  columns,
  row_count: 2,
  truncated: false,
  row_limit: 1000,
  elapsed_ms: 41,
  ran_at: '2026-11-20T14:02:00Z',
};

const rowsOf = (count: number): Rows => ({
  columns,
  data: [
    Array.from({ length: count }, (_, row) => `900719925474099${row}`),
    Array.from({ length: count }, (_, row) => `Customer ${row}`),
  ],
  offset: 0,
  row_count: count,
  total: null,
  truncated: false,
});

function show(version: QueryVersion, prepare: (server: FakeServer) => void = () => undefined) {
  const server = new FakeServer()
    .on('GET /queries/:id', () => ({ query_id: 'q1', handle: 'Q1', versions: [version] }))
    .on('GET /results/:id/rows', () => rowsOf(version.row_count ?? 0))
    .on('GET /sources/:id/catalog', () => ({ source_id: 's1', refreshed_at: '', tables: [] }));
  prepare(server);
  render(
    <QueryClientProvider client={createQueryClient()}>
      <SqlCard version={version} threadId="t1" />
    </QueryClientProvider>,
  );
  return { server, user: userEvent.setup(), card: screen.getByTestId('sql-card') };
}

beforeEach(() => localStorage.clear());

describe('a finished query', () => {
  it('shows its rows, digits and all, and where they came from', async () => {
    const { card } = show(base);
    expect(await within(card).findByText('9007199254740990')).toBeTruthy();
    expect(card.textContent).toContain('Retail sample · read-only');
    expect(card.textContent).toContain('2 rows · 41 ms');
    expect(card.textContent).toContain('v1 by Analyst');
    expect(card.dataset.state).toBe('done');
  });

  it('says in words that rows are missing, and how to get them', async () => {
    const { card, server, user } = show({ ...base, truncated: true }, (fake) =>
      fake.on('POST /queries', () => ({ ...base, version: 2 })),
    );
    await within(card).findByText('Customer 0');
    expect(card.textContent).toContain('Showing the first 2 rows; the query has more');
    await user.click(within(card).getByRole('button', { name: 'Raise to 10,000' }));
    expect(server.sent('POST /queries')).toMatchObject([{ limit: 10_000, query_id: 'q1' }]);
  });

  it('says what was cut on the way', async () => {
    const { card } = show({ ...base, notes: ["Values of 'name' longer than 1 MB were cut."] });
    expect(await within(card).findByText(/longer than 1 MB were cut/)).toBeTruthy();
  });

  it('says when there was nothing to show', () => {
    const { card } = show({ ...base, row_count: 0 });
    expect(card.textContent).toContain('The query ran and returned no rows.');
  });
});

describe('an edit', () => {
  const openEditor = async (user: ReturnType<typeof userEvent.setup>, card: HTMLElement) => {
    await user.click(within(card).getByRole('tab', { name: /SQL/ }));
    return within(card).findByRole('button', { name: 'Run' });
  };

  it('that was stored before a reload is marked, runs as the next version, and v1 stays', async () => {
    localStorage.setItem('datelier.sql.q1.1', 'SELECT id, name FROM customers LIMIT 1');
    const { card, server, user } = show(base, (fake) =>
      fake.on('POST /queries', ({ body }) => ({
        ...base,
        version: 2,
        sql: (body as QueryInput).sql,
        result_id: 'r2',
        row_count: 1,
        author: { kind: 'user', name: 'Dana' },
      })),
    );
    expect(within(card).getByRole('tab', { name: /SQL.*edited, not run/ })).toBeTruthy();
    await user.click(await openEditor(user, card));
    await waitFor(() => expect(card.textContent).toContain('v2 by you'));
    expect(server.sent('POST /queries')).toEqual([
      {
        source_id: 's1',
        sql: 'SELECT id, name FROM customers LIMIT 1',
        query_id: 'q1',
        thread_id: 't1',
        title: 'Customers',
      },
    ]);
    expect(card.textContent).toContain('This answer uses v1; you are looking at v2.');
    await user.click(within(card).getByRole('button', { name: 'Back to v1' }));
    expect(card.textContent).toContain('v1 by Analyst');
  });

  it('can be taken back', async () => {
    localStorage.setItem('datelier.sql.q1.1', 'SELECT 2');
    const { card, user } = show(base);
    await openEditor(user, card);
    await user.click(within(card).getByRole('button', { name: 'Reset' }));
    expect(within(card).queryByRole('tab', { name: /edited/ })).toBeNull();
    expect(localStorage.getItem('datelier.sql.q1.1')).toBe('');
  });
});

describe('a failed query', () => {
  const failed: QueryVersion = {
    ...base,
    status: 'failed',
    result_id: null,
    row_count: null,
    columns: [],
    error: {
      code: 'sql_failed',
      message: 'column "rev" does not exist',
      hint: 'Use revenue',
      position: 8,
    },
  };

  it('gives the reason, the place, the hint and the next step', async () => {
    const { card, user } = show(failed);
    const alert = within(card).getByRole('alert');
    expect(alert.textContent).toContain('column "rev" does not exist');
    expect(alert.textContent).toContain('At character 8');
    expect(alert.textContent).toContain('Use revenue');
    await user.click(within(alert).getByRole('button', { name: 'Edit SQL' }));
    expect(within(card).getByRole('tab', { name: 'SQL' }).dataset.state).toBe('active');
  });

  it('keeps its error beside it when running again is refused', async () => {
    const { card, user } = show(failed, (fake) =>
      fake.on('POST /queries', () => ({ ...failed, version: 2 })),
    );
    await user.click(within(card).getByRole('button', { name: 'Retry' }));
    await waitFor(() => expect(card.textContent).toContain('v2'));
    expect(card.dataset.state).toBe('failed');
  });
});

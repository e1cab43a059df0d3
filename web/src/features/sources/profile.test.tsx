import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { ColumnFacts, TableProfile } from '@/api/types';
import { fakeSession, fakeSource } from '@/testing/fakes';
import { fakeServer, renderApp } from '@/testing/render';

const AT = '2026-11-18T14:02:00Z';

function column(changes: Partial<ColumnFacts>): ColumnFacts {
  return {
    name: 'amount',
    type: 'DOUBLE',
    kind: 'number',
    nulls: 6,
    completeness: 0.8,
    distinct: 24,
    distinct_exact: true,
    unique: false,
    empty: null,
    min: '1',
    max: '29',
    mean: 15.2,
    quantiles: { p05: 1.5, p50: 15, p95: 28 },
    quantiles_exact: true,
    length: null,
    non_finite: 0,
    top_values: null,
    patterns: null,
    histogram: [
      { from: 1, to: 15, count: 9 },
      { from: 15, to: 29, count: 15 },
    ],
    not_computed: ['Frequent values: nearly every value is different.'],
    private: false,
    indexed: null,
    ...changes,
  };
}

const REGION = column({
  name: 'region',
  type: 'VARCHAR',
  kind: 'text',
  nulls: 0,
  completeness: 1,
  distinct: 3,
  mean: null,
  quantiles: null,
  histogram: null,
  top_values: [
    { value: 'North', count: 20 },
    { value: '', count: 10 },
  ],
  patterns: { kinds: 1, top: [{ pattern: 'Aaaaa', count: 20 }] },
  private: true,
  not_computed: [],
});

function done(changes: Partial<NonNullable<TableProfile['profile']>> = {}): TableProfile {
  return {
    source_id: 's9',
    table: 'orders',
    status: 'done',
    progress: null,
    started_at: AT,
    finished_at: AT,
    error: null,
    profile: {
      row_count: 30,
      rows_estimated: false,
      basis: { kind: 'all', rows: 30, words: 'All 30 rows.' },
      completeness: 0.9,
      columns: [column({}), REGION],
      duplicate_rows: 2,
      keys: [{ columns: ['id'], duplicates: 0, nulls: 0, declared: true }],
      not_computed: [],
      elapsed_ms: 12,
      ...changes,
    },
  };
}

const NONE: TableProfile = { ...done(), status: 'none', profile: null, finished_at: null };

function serving(profile: () => TableProfile) {
  return fakeServer()
    .on('GET /sources/:id', ({ params }) => fakeSource({ id: params.id ?? '' }))
    .on('GET /sources/:id/catalog', () => ({
      source_id: 's9',
      refreshed_at: AT,
      tables: [
        {
          schema: null,
          name: 'orders',
          kind: 'file',
          rows: 30,
          columns: ['amount', 'region'].map((name) => ({
            name,
            type: 'VARCHAR',
            nullable: true,
            primary_key: false,
          })),
        },
      ],
    }))
    .on('GET /sources/:id/profile', profile);
}

test('a profile is started, watched while it runs, and shown when it is done', async () => {
  const running: TableProfile = {
    ...NONE,
    status: 'running',
    progress: { done: 1, total: 4, step: 'Grouping values' },
  };
  let state = NONE;
  const server = serving(() => state).on('POST /sources/:id/profile', () => {
    state = running;
    return running;
  });
  const { user } = renderApp('/sources/s9/profile', server);
  await user.click(await screen.findByRole('button', { name: 'Profile this table' }));
  const bar = await screen.findByRole('progressbar', { name: 'Profiling, Grouping values' });
  expect(bar).toHaveAttribute('value', '1');
  expect(screen.getByRole('button', { name: 'Stop' })).toBeInTheDocument();
  state = done();
  expect(await screen.findByRole('list', { name: 'Columns of orders' })).toBeInTheDocument();
  expect(screen.queryByRole('progressbar')).not.toBeInTheDocument();
  expect(server.sent('POST /sources/:id/profile')).toEqual([{ table: 'orders' }]);
});

test('every chart says in words what it shows', async () => {
  renderApp('/sources/s9/profile', serving(done));
  const list = await screen.findByRole('list', { name: 'Columns of orders' });
  const [amount, region] = within(list)
    .getAllByRole('heading')
    .map((heading) => within(heading.closest('li') as HTMLElement));
  expect(amount?.getByRole('img', { name: 'Completeness of amount: 80%' })).toBeInTheDocument();
  expect(
    amount?.getByRole('img', {
      name: 'Histogram of amount: 2 bars from 1 to 29; most, 15, from 15 to 29',
    }),
  ).toBeInTheDocument();
  expect(amount?.getByText(/80% filled, 6 nulls/)).toBeInTheDocument();
  expect(region?.getAllByText('(empty)').length).toBeGreaterThan(0);
  expect(region?.getByRole('list', { name: /Patterns of region, 1 shape/ })).toHaveTextContent(
    'Aaaaa20',
  );
  expect(region?.getByText('Private')).toBeInTheDocument();
  expect(screen.getByText('2 duplicate rows')).toBeInTheDocument();
  expect(screen.getByText(/id: never repeats/)).toBeInTheDocument();
});

test('what is unknown is not shown as zero, and a part of the rows is never passed off as all', async () => {
  const unknown = column({ nulls: null, completeness: null, distinct: null, histogram: null });
  renderApp(
    '/sources/s9/profile',
    serving(() =>
      done({
        row_count: null,
        basis: { kind: 'first_rows', rows: 100_000, words: '' },
        completeness: null,
        duplicate_rows: null,
        columns: [unknown],
        not_computed: ['Duplicate rows were not counted: it took too long.'],
      }),
    ),
  );
  expect(await screen.findByText(/of the first 100,000 rows only/)).toBeInTheDocument();
  expect(screen.getByText('Rows unknown')).toBeInTheDocument();
  expect(screen.getByText('Duplicate rows unknown')).toBeInTheDocument();
  expect(screen.getByText(/Completeness unknown, nulls unknown/)).toBeInTheDocument();
  expect(screen.getByText(/it took too long/)).toBeInTheDocument();
});

test('a failed profile says why and leaves the one before it', async () => {
  const failed: TableProfile = {
    ...done(),
    status: 'failed',
    error: { code: 'timeout', message: 'The query took longer than allowed.' },
  };
  renderApp(
    '/sources/s9/profile',
    serving(() => failed),
  );
  expect(await screen.findByRole('alert')).toHaveTextContent('took longer than allowed');
  expect(screen.getByRole('list', { name: 'Columns of orders' })).toBeInTheDocument();
});

test('who may not run queries reads the profile and cannot start one', async () => {
  const session = fakeSession({ scopes: ['source:get'] });
  const server = serving(done).on('GET /auth/me', () => session);
  renderApp('/sources/s9/profile', server);
  expect(await screen.findByRole('list', { name: 'Columns of orders' })).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Profile again' })).not.toBeInTheDocument();
});

test('a source and single columns are made private with a switch each', async () => {
  let source = fakeSource({ id: 's9' });
  const server = serving(done)
    .on('GET /sources/:id', () => source)
    .on('PATCH /sources/:id', ({ body }) => {
      source = { ...source, ...(body as object) };
      return source;
    });
  const { user } = renderApp('/sources/s9/access', server);
  await user.click(await screen.findByText('orders'));
  await user.click(screen.getByRole('checkbox', { name: 'Model sees no values of region' }));
  await waitFor(() => expect(screen.getByRole('checkbox', { name: /region/ })).toBeChecked());
  await user.click(screen.getByRole('checkbox', { name: 'This source is private' }));
  await waitFor(() => expect(server.sent('PATCH /sources/:id')).toHaveLength(2));
  expect(server.sent('PATCH /sources/:id')).toEqual([
    { private_columns: [{ table: 'orders', column: 'region' }] },
    { private: true },
  ]);
  expect(await screen.findByText(/so every column is/)).toBeInTheDocument();
});

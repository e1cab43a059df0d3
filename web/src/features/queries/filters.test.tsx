import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { createQueryClient } from '@/api/query-client';
import type { Cell, ColumnProfile, QueryVersion, ResultExport, Rows } from '@/api/types';
import { FakeServer, problem } from '@/testing/server';
import { filterParam, operatorsOf } from './filters';
import { SqlCard } from './sql-card';

const BIG = '9007199254740993';
const columns = [
  { name: 'id', type: 'int64' as const },
  { name: 'city', type: 'string' as const },
  { name: 'id', type: 'decimal' as const },
];
const version: QueryVersion = {
  query_id: 'q1',
  handle: 'Q1',
  version: 1,
  sql: 'SELECT 1',
  title: 'Cities',
  source_id: 's1',
  source_name: 'Retail sample',
  status: 'done',
  author: { kind: 'agent', name: 'Analyst' },
  result_id: 'r1',
  columns,
  row_count: 2500,
  truncated: true,
  row_limit: 2500,
  elapsed_ms: 41,
  ran_at: '2026-11-20T14:02:00Z',
};
const profile: ColumnProfile = {
  column: 'city',
  type: 'string',
  rows: 2500,
  nulls: 7,
  distinct: 2,
  min: '',
  max: 'Rome',
  top: [
    { value: 'Rome', count: 1500 },
    { value: '', count: 993 },
  ],
};

/** Answers like the server: the rows at an offset, filtered to `found` when a filter is given. */
function rows(query: URLSearchParams, found: number): Rows {
  const filtered = query.get('filter') === null ? null : found;
  const offset = Number(query.get('offset'));
  const count = Math.max(0, Math.min(1000, (filtered ?? 2500) - offset));
  const column = (make: (row: number) => Cell) =>
    Array.from({ length: count }, (_, row) => make(offset + row));
  return {
    columns,
    data: [column(() => BIG), column((row) => `city ${row}`), column(() => '0.10')],
    offset,
    row_count: 2500,
    filtered_count: filtered,
    total: null,
    truncated: true,
  };
}

function show(prepare: (server: FakeServer) => void = () => undefined, found = 3) {
  const server = new FakeServer()
    .on('GET /queries/:id', () => ({ query_id: 'q1', handle: 'Q1', versions: [version] }))
    .on('GET /results/:id/rows', ({ query }) => rows(query, found))
    .on('GET /results/:id/profile', () => profile)
    .on('GET /sources/:id/catalog', () => ({ source_id: 's1', refreshed_at: '', tables: [] }));
  prepare(server);
  render(
    <QueryClientProvider client={createQueryClient()}>
      <SqlCard version={version} threadId="t1" />
    </QueryClientProvider>,
  );
  const asked = (path: string) => server.requests.filter((request) => request.path === path);
  return { server, asked, user: userEvent.setup(), card: screen.getByTestId('sql-card') };
}

type Shown = ReturnType<typeof show>;

async function inspect({ user, card }: Shown, column: string): Promise<HTMLElement> {
  await within(card).findByText('city 0');
  const [menu] = within(card).getAllByRole('button', { name: `Menu of ${column}` });
  if (!menu) throw new Error('no menu');
  await user.click(menu);
  await user.click(await screen.findByRole('menuitem', { name: 'Filter and profile…' }));
  return within(card).findByRole('region', { name: `Filter and profile of ${column}` });
}

beforeEach(() => localStorage.clear());

describe('a filter', () => {
  it('goes to the server by the position of its column, and shows how many rows meet it', async () => {
    const shown = show();
    const panel = await inspect(shown, 'city');
    const { user, card, asked } = shown;
    await user.type(within(panel).getByLabelText('Value'), 'ci,ty');
    await user.click(within(panel).getByRole('button', { name: 'Filter' }));
    await within(card).findByText('3 of 2,500 rows');
    expect(card.querySelector('[role="grid"]')?.getAttribute('aria-rowcount')).toBe('4');
    expect(asked('/results/r1/rows').at(-1)?.query.get('filter')).toBe(
      '[{"column":"#2","op":"contains","value":"ci,ty"}]',
    );
    await user.click(
      within(card).getByRole('button', { name: 'Remove the filter city contains ci,ty' }),
    );
    await waitFor(() =>
      expect(card.querySelector('[role="grid"]')?.getAttribute('aria-rowcount')).toBe('2501'),
    );
  });

  it('that no row meets says so', async () => {
    const shown = show(undefined, 0);
    const panel = await inspect(shown, 'city');
    await shown.user.selectOptions(within(panel).getByLabelText('Condition'), 'is null');
    expect(within(panel).queryByLabelText('Value')).toBeNull();
    await shown.user.click(within(panel).getByRole('button', { name: 'Filter' }));
    expect(await within(shown.card).findByText('No row meets the filter.')).toBeTruthy();
  });

  it('that makes no sense shows what the server said', async () => {
    const shown = show((server) =>
      server.on('GET /results/:id/rows', ({ query }) =>
        query.get('filter') === null
          ? rows(query, 3)
          : problem(422, 'validation_failed', { detail: "'x' is not a number" }),
      ),
    );
    const panel = await inspect(shown, 'id');
    await shown.user.type(within(panel).getByLabelText('Value'), 'x{Enter}');
    expect(await within(shown.card).findByText("'x' is not a number")).toBeTruthy();
  });

  it('offers only what a type understands', () => {
    expect(operatorsOf('string')[0]).toBe('contains');
    expect(operatorsOf('date')).not.toContain('contains');
    expect(operatorsOf('json')).not.toContain('<');
    expect(operatorsOf('int64')).toContain('>=');
    expect(filterParam([])).toBeNull();
    expect(filterParam([{ column: 0, op: 'in', value: `1, ${BIG}` }])).toBe(
      `[{"column":"#1","op":"in","value":["1","${BIG}"]}]`,
    );
    expect(filterParam([{ column: 0, op: 'is null', value: 'left over' }])).toBe(
      '[{"column":"#1","op":"is null"}]',
    );
  });
});

describe('a column', () => {
  it('is profiled, with the empty text told from NULL, and closes with Escape', async () => {
    const shown = show();
    const panel = await inspect(shown, 'city');
    expect(await within(panel).findByText('Most frequent')).toBeTruthy();
    expect(panel.textContent).toContain('NULL7');
    expect(panel.textContent).toContain('Distinct2');
    expect(within(panel).getAllByText('""')).toHaveLength(2);
    expect(within(panel).getByText('1,500')).toBeTruthy();
    expect(shown.asked('/results/r1/profile')[0]?.query.get('column')).toBe('#2');
    await shown.user.keyboard('{Escape}');
    expect(within(shown.card).queryByRole('region', { name: /profile of/ })).toBeNull();
  });

  it('of a name that another has too sorts by its position', async () => {
    const { user, card, asked } = show();
    await within(card).findByText('city 0');
    const menu = within(card).getAllByRole('button', { name: 'Menu of id' }).at(-1);
    if (!menu) throw new Error('no menu');
    await user.click(menu);
    await user.click(await screen.findByRole('menuitem', { name: 'Sort descending' }));
    await waitFor(() =>
      expect(asked('/results/r1/rows').at(-1)?.query.get('sort')).toBe('#3:desc'),
    );
  });
});

describe('downloads', () => {
  const step = (more: Partial<ResultExport>): string =>
    `${JSON.stringify({ id: 'x1', status: 'running', stage: 'rows', format: 'csv', name: 'a.csv', rows: 0, bytes: 0, truncated: false, ...more })}\n`;

  function stream(server: FakeServer) {
    let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (feed = controller),
    });
    server.on('POST /results/:id/exports', () => new Response(body));
    const send = (text: string) => feed?.enqueue(new TextEncoder().encode(text));
    return { send, end: () => feed?.close() };
  }

  it('offers every format of the stored rows', async () => {
    const { user, card } = show();
    await user.click(within(card).getByRole('button', { name: 'Download' }));
    const links = (await screen.findAllByRole('menuitem')).map((item) => item.getAttribute('href'));
    expect(links.filter(Boolean)).toEqual(
      ['csv', 'parquet', 'jsonl', 'xlsx', 'arrow'].map(
        (format) => `/api/v1/results/r1/download?format=${format}&protect=true`,
      ),
    );
  });

  it('of all rows show how far they are and end with a link', async () => {
    let feed: ReturnType<typeof stream> | undefined;
    const { user, card, server } = show((fake) => (feed = stream(fake)));
    await user.click(within(card).getByRole('button', { name: 'Download all rows' }));
    const dialog = await screen.findByRole('dialog', { name: 'Download all rows' });
    await user.selectOptions(within(dialog).getByLabelText('Format'), 'csv');
    await user.click(within(dialog).getByRole('button', { name: 'Make the file' }));
    const line = step({ rows: 20_000, bytes: 1_500_000 });
    feed?.send(line.slice(0, 20));
    feed?.send(line.slice(20));
    expect(await within(dialog).findByText(/20,000 rows/)).toBeTruthy();
    feed?.send(step({ status: 'done', stage: 'file', rows: 1_000_000, bytes: 9_000_000 }));
    feed?.end();
    expect(await within(dialog).findByText('The file is ready: 1,000,000 rows.')).toBeTruthy();
    const link = within(dialog).getByRole('link', { name: /Save the file/ });
    expect(link.getAttribute('href')).toBe('/api/v1/exports/x1');
    expect(server.sent('POST /results/:id/exports')).toEqual([{ format: 'csv' }]);
  });

  it('of all rows stop when asked', async () => {
    let feed: ReturnType<typeof stream> | undefined;
    const { user, card } = show((fake) => (feed = stream(fake)));
    await user.click(within(card).getByRole('button', { name: 'Download all rows' }));
    const dialog = await screen.findByRole('dialog');
    await user.click(within(dialog).getByRole('button', { name: 'Make the file' }));
    feed?.send(step({ rows: 20_000 }));
    await within(dialog).findByText(/20,000 rows/);
    await user.click(within(dialog).getByRole('button', { name: 'Stop' }));
    expect(await within(dialog).findByText('Stopped; nothing was kept.')).toBeTruthy();
    expect(within(dialog).queryByRole('link')).toBeNull();
  });

  it('that fail say why, and that break off say so', async () => {
    let feed: ReturnType<typeof stream> | undefined;
    const { user, card } = show((fake) => (feed = stream(fake)));
    await user.click(within(card).getByRole('button', { name: 'Download all rows' }));
    const dialog = await screen.findByRole('dialog');
    await user.click(within(dialog).getByRole('button', { name: 'Make the file' }));
    feed?.send(
      step({ status: 'failed', error: { code: 'timeout', message: 'It took too long.' } }),
    );
    feed?.end();
    expect(await within(dialog).findByText(/It took too long/)).toBeTruthy();
    expect(within(dialog).getByRole('button', { name: 'Make the file' })).toBeTruthy();
  });
});

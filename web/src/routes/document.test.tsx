import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Citation } from '@/api/parts';
import type { DocumentDetail, DocumentEdit } from '@/api/types';
import { fakeServer, renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

const AT = '2026-11-18T14:02:00Z';
const CITE: Citation = {
  text: 0,
  start: 8,
  end: 14,
  shown: '€4,000',
  kind: 'exact',
  value: '4000',
  type: 'decimal',
  formula: 'Q1[2].revenue',
  format: 'eur 0',
  cells: [],
  reason: null,
};

function made(changes: Partial<DocumentDetail> = {}): DocumentDetail {
  return {
    id: 'd1',
    handle: 'D1',
    kind: 'text',
    title: 'Revenue memo',
    language: null,
    version: 2,
    newest: 2,
    thread_id: 't1',
    author: { kind: 'agent', name: 'Analyst' },
    restored_from: null,
    renewed_from: null,
    outdated: false,
    archived_at: null,
    created_at: AT,
    updated_at: AT,
    content: '# Year\n\n€4,000 in March.',
    figures: [CITE],
    numbers: { traced: 1, total: 1 },
    rows: null,
    result: null,
    ...changes,
  };
}

/** A server that keeps the document, as the real one does. */
function withDocument(document: DocumentDetail) {
  let now = document;
  return fakeServer()
    .on('GET /documents/:id', () => now)
    .on('GET /documents/:id/versions', () => ({
      data: [2, 1].map((version) => ({ ...now, version })),
      next: null,
    }))
    .on('GET /documents/:id/versions/:n', ({ params }) => ({ ...now, version: Number(params.n) }))
    .on('GET /documents/:id/diff', () => ({
      from: 1,
      to: 2,
      title: ['Memo', 'Revenue memo'],
      lines: [{ kind: 'added', text: 'In March.', before: null, after: 1 }],
    }))
    .on('POST /documents/:id/restore', () => (now = { ...now, version: 3, newest: 3 }))
    .on('PUT /documents/:id', ({ body }) => {
      const { version } = now;
      now = { ...now, ...(body as DocumentEdit), version: version + 1, newest: version + 1 };
      return now;
    });
}

const page = async () =>
  screen.findByRole('heading', { level: 1, name: 'Revenue memo' }, { timeout: 8000 });

test('a text shows its figures with their receipts', async () => {
  const { user } = renderApp('/documents/d1', withDocument(made()));
  await page();
  expect(screen.getByText('D1 · Text · version 2 by Analyst')).toBeVisible();
  expect(screen.getByTestId('document-trace')).toHaveTextContent('1 of 1 numbers traced');
  await user.click(screen.getByRole('button', { name: /^€4,000, / }));
  expect(await screen.findByTestId('cite-popover')).toHaveTextContent('One cell of a result');
}, 20_000);

test('an edit is saved from the version it was begun on, and a newer one leaves both ways out', async () => {
  const server = withDocument(made());
  const { user } = renderApp('/documents/d1?tab=edit', server);
  await page();
  const refuse = () => problem(409, 'document_changed');
  server.on('PUT /documents/:id', refuse);
  await user.type(screen.getByLabelText('Title'), '!');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText(/A newer version was saved/)).toBeVisible();
  // Somebody else's version 5 is the newest; ours goes on top of it.
  server
    .on('GET /documents/:id', () => made({ version: 5, newest: 5, content: 'Theirs.' }))
    .on('PUT /documents/:id', ({ body }) => made({ ...(body as object), version: 6, newest: 6 }));
  await user.click(screen.getByRole('button', { name: 'Save mine as the next version' }));
  expect(await screen.findByText('Saved as version 6')).toBeVisible();
  const sent = server.requests.filter(({ method }) => method === 'PUT');
  expect(sent.map(({ headers }) => headers.get('If-Match'))).toEqual(['"2"', '"5"']);
  expect(sent[1]?.body).toEqual({ title: 'Revenue memo!', content: made().content });
}, 20_000);

test('versions are compared, and an earlier one restored', async () => {
  const server = withDocument(made());
  const { user } = renderApp('/documents/d1?tab=versions', server);
  await page();
  const compared = await screen.findByRole('region', { name: 'Compare' });
  expect(await within(compared).findByText('In March.')).toBeVisible();
  expect(within(compared).getByRole('row', { name: 'Title Memo Revenue memo' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Restore' }));
  await waitFor(() => expect(server.sent('POST /documents/:id/restore')).toEqual([{ version: 1 }]));
}, 20_000);

test('a sheet is a grid, and its receipts name their cells', async () => {
  const rows = {
    columns: [
      { name: 'month', type: 'string' as const },
      { name: 'revenue', type: 'string' as const },
    ],
    data: [
      ['Feb', 'March'],
      ['€1', '€4,000'],
    ],
  };
  const figures = [{ ...CITE, cell: [1, 1] as [number, number] }];
  const sheet = made({ kind: 'sheet', content: '', rows, figures });
  renderApp('/documents/d1', withDocument(sheet));
  await page();
  expect(screen.getByRole('grid', { name: 'Revenue memo' })).toBeVisible();
  const receipts = screen.getByRole('region', { name: 'Numbers with receipts' });
  expect(within(receipts).getByRole('button', { name: /^B3, €4,000, / })).toBeVisible();
}, 20_000);

test('the list leads to what is archived too', async () => {
  const server = fakeServer().on('GET /documents', ({ query }) => ({
    data: query.get('archived') === 'true' ? [] : [made()],
    next: null,
  }));
  const { user } = renderApp('/documents', server);
  const link = await screen.findByRole('link', { name: 'Revenue memo' }, { timeout: 8000 });
  expect(link).toHaveAttribute('href', '/documents/d1');
  await user.selectOptions(screen.getByLabelText('Which documents'), 'yes');
  expect(await screen.findByText('Nothing is archived')).toBeVisible();
}, 20_000);

test('what was archived can be brought back, and not edited', async () => {
  const { user, server } = renderApp('/documents/d1', withDocument(made({ archived_at: AT })));
  await page();
  expect(screen.queryByRole('tab', { name: 'Edit' })).toBeNull();
  server.on('PATCH /documents/:id', () => made()).on('GET /documents/:id', () => made());
  await user.click(screen.getByRole('button', { name: 'Bring it back' }));
  expect(await screen.findByRole('tab', { name: 'Edit' })).toBeVisible();
}, 20_000);

const CELL: Citation['cells'][number] = {
  query: 'Q1',
  version: 1,
  query_id: 'q1',
  result_id: 'r1',
  row: 2,
  key: {},
  column: 'revenue',
  value: '4000',
  line: null,
  source: null,
  ran_at: null,
};

test.each([
  ['are of an older result', {}, /^Numbers of Q1 v1; v2 is newer\.$/],
  ['are of the earlier answer', { outdated: true }, /^Numbers of the earlier answer: /],
  ['were updated', { renewed_from: 1, figures: [] }, /other words are those of version 1\.$/],
])(
  'numbers say when they %s',
  async (_, changes: Partial<DocumentDetail>, said) => {
    const document = made({ figures: [{ ...CITE, cells: [CELL] }], ...changes });
    const server = withDocument(document).on('GET /queries/:id', () => ({
      query_id: 'q1',
      handle: 'Q1',
      versions: [1, 2].map((version) => ({ version, status: 'done' })),
    }));
    renderApp('/documents/d1', server);
    await page();
    expect(await screen.findByText(said)).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Update the answer' })).toBeNull();
  },
  20_000,
);

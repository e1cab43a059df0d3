import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { configureUpload } from '@/api/upload';
import { fakeSource } from '@/testing/fakes';
import { fakeServer, renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

const CSV = new File(['a,b\n1,2\n'], 'orders.csv', { type: 'text/csv' });

function withSource() {
  return fakeServer()
    .on('GET /sources/:id', ({ params }) => fakeSource({ id: params.id ?? '' }))
    .on('GET /sources/:id/catalog', () => ({
      source_id: 's9',
      refreshed_at: '2026-11-18T14:02:00Z',
      tables: [
        {
          schema: null,
          name: 'orders',
          kind: 'file',
          rows: 2,
          columns: [{ name: 'amount', type: 'decimal', nullable: true, primary_key: false }],
          sample: { columns: ['amount'], rows: [['9007199254740993.10'], [null]] },
        },
      ],
    }));
}

test('with no source the page offers the ways to one', async () => {
  const server = fakeServer()
    .on('GET /sources', () => ({ data: [], next: null }))
    .on('POST /sources/sample', () => fakeSource({ id: 's9' }));
  const { user, router } = renderApp('/sources', server);
  expect(await screen.findByRole('link', { name: /Upload a file/ })).toBeInTheDocument();
  expect(screen.getByRole('link', { name: /PostgreSQL/ })).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: /Use sample data/ }));
  await waitFor(() => expect(router.state.location.search).toEqual({ source: 's9' }));
});

test('the schema shows columns and sample rows exactly, NULL apart from text', async () => {
  renderApp('/sources/s9', withSource());
  const columns = await screen.findByRole('table', { name: 'orders' });
  expect(within(columns).getByText('decimal')).toBeInTheDocument();
  const grid = screen.getByTestId('grid');
  expect(within(grid).getByText('9007199254740993.10')).toBeInTheDocument();
  expect(within(grid).getByText('NULL')).toBeInTheDocument();
});

test('a source that is not there says so once, and that nothing can be tried again', async () => {
  const gone = fakeServer().on('GET /sources/:id', () =>
    problem(404, 'not_found', { title: 'Not found', detail: 'No such source.' }),
  );
  renderApp('/sources/nope/schema', gone);
  expect(await screen.findByText(/is not yours to see/)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
});

test('tables that nobody could read say what the last attempt met', async () => {
  const unread = withSource().on('GET /sources/:id/catalog', () =>
    problem(404, 'catalog_unread', { title: 'Not read yet', hint: 'No connection to db:5432.' }),
  );
  renderApp('/sources/s9/schema', unread);
  expect(await screen.findByText('No connection to db:5432.')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible();
});

test('a file that is not read is refused before anything is sent', async () => {
  const { server } = renderApp('/sources/new?kind=upload');
  const input = await screen.findByLabelText(/Choose files/);
  // Dropping is not held back by `accept`, choosing is: this is what a drop delivers.
  fireEvent.change(input, { target: { files: [new File(['x'], 'notes.pdf')] } });
  expect(screen.getByText(/notes.pdf: this kind of file is not read/)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Upload file' })).toBeDisabled();
  expect(server.sent('POST /sources/upload')).toHaveLength(0);
});

test('an upload can be cancelled and tried again, then shows the source', async () => {
  const { user, server, router } = renderApp('/sources/new?kind=upload', withSource());
  await user.upload(await screen.findByLabelText(/Choose files/), CSV);

  configureUpload((_target, _form, { onProgress, signal }) => {
    onProgress?.(40, 100);
    return new Promise((_resolve, reject) => {
      const abort = () => reject(new DOMException('Upload cancelled', 'AbortError'));
      signal?.addEventListener('abort', abort);
    });
  });
  await user.click(screen.getByRole('button', { name: 'Upload file' }));
  expect(await screen.findByRole('progressbar', { name: 'Uploading, 40 %' })).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Cancel upload' }));
  expect(await screen.findByText(/Nothing was added/)).toBeInTheDocument();

  let sent: FormData | undefined;
  configureUpload((_target, form) => {
    sent = form;
    return Promise.resolve({ status: 201, text: JSON.stringify(fakeSource({ id: 's9' })) });
  });
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/sources/s9/schema'));
  expect(sent?.getAll('files').map((file) => (file as File).name)).toEqual(['orders.csv']);
  expect(server.sent('GET /sources/:id/catalog').length).toBeGreaterThan(0);
});

test('the connection test shows each step, and a weak role with the SQL that fixes it', async () => {
  const step = (name: string, ok: boolean | null) => ({ name, ok, elapsed_ms: 3 });
  const server = fakeServer().on('POST /sources/test', () => ({
    ok: true,
    steps: [step('resolve', true), step('connect', true), step('sign_in', true)],
    weak_role: { reasons: ['It can INSERT into 12 tables'], fix_sql: 'CREATE ROLE reader' },
  }));
  const { user } = renderApp('/sources/new?kind=postgresql', server);
  await user.type(await screen.findByLabelText('Host'), 'db.internal');
  await user.click(screen.getByRole('button', { name: 'Test connection' }));
  const warning = await screen.findByRole('alert');
  expect(warning).toHaveTextContent('This account can write');
  expect(warning).toHaveTextContent('CREATE ROLE reader');
  expect(within(warning).getByRole('button', { name: 'Copy SQL' })).toBeInTheDocument();
  const steps = screen.getByRole('list', { name: 'Steps of the test' });
  expect(
    within(steps)
      .getAllByRole('listitem')
      .map((item) => item.dataset.state),
  ).toEqual(['stepOk', 'stepOk', 'stepOk']);
});

test('MySQL / MariaDB has a form of its own, with its port and no schemas', async () => {
  const server = withSource().on('POST /sources', () => fakeSource({ id: 's9' }));
  const { user, router } = renderApp('/sources/new?kind=mysql', server);
  await user.type(await screen.findByLabelText('Name'), 'Shop');
  await user.type(screen.getByLabelText('Host'), 'db.internal');
  await user.type(screen.getByLabelText('Database'), 'shop');
  await user.type(screen.getByLabelText('User'), 'reader');
  expect(screen.queryByLabelText(/Schemas/)).not.toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Save source' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/sources/s9/schema'));
  expect(server.sent('POST /sources').at(-1)).toEqual({
    name: 'Shop',
    engine: 'mysql',
    config: { host: 'db.internal', port: 3306, database: 'shop', user: 'reader', tls: 'prefer' },
  });
});

test('errors of the connection land on their fields', async () => {
  const server = fakeServer().on('POST /sources', () =>
    problem(422, 'validation_failed', {
      errors: [{ path: 'config.host', message: 'must be one host name' }],
    }),
  );
  const { user } = renderApp('/sources/new?kind=postgresql', server);
  await user.type(await screen.findByLabelText('Name'), 'Shop');
  await user.type(screen.getByLabelText('Host'), 'http://db');
  await user.type(screen.getByLabelText('Database'), 'shop');
  await user.type(screen.getByLabelText('User'), 'reader');
  await user.click(screen.getByRole('button', { name: 'Save source' }));
  const host = screen.getByLabelText('Host');
  await waitFor(() => expect(host).toBeInvalid());
  expect(host).toHaveAccessibleDescription(/must be one host name/);
});

test('a folder of the server becomes a source, and its refusal lands on the field', async () => {
  let refuse = true;
  const server = withSource().on('POST /sources', () =>
    refuse
      ? problem(422, 'validation_failed', {
          errors: [
            { path: 'config.folder', message: 'must exist inside DATELIER_ALLOWED_FOLDERS' },
          ],
        })
      : fakeSource({ id: 's9' }),
  );
  const { user, router } = renderApp('/sources/new?kind=folder', server);
  await user.type(await screen.findByLabelText('Name'), 'Exports');
  const folder = screen.getByLabelText('Folder');
  expect(folder).toHaveAccessibleDescription(/DATELIER_ALLOWED_FOLDERS/);
  await user.type(folder, '/srv/secret');
  await user.click(screen.getByRole('button', { name: 'Save source' }));
  await waitFor(() => expect(folder).toBeInvalid());
  expect(folder).toHaveAccessibleDescription(/must exist inside/);
  refuse = false;
  await user.type(folder, '/x');
  await user.click(screen.getByRole('button', { name: 'Save source' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/sources/s9/schema'));
  expect(server.sent('POST /sources').at(-1)).toEqual({
    name: 'Exports',
    engine: 'files',
    config: { folder: '/srv/secret/x' },
  });
});

test('a SQLite file of the server becomes a source', async () => {
  const server = withSource().on('POST /sources', () => fakeSource({ id: 's8' }));
  const { user, router } = renderApp('/sources/new', server);
  await user.click(await screen.findByRole('link', { name: /SQLite file on the server/ }));
  await user.type(await screen.findByLabelText('Name'), 'Shop');
  const path = screen.getByLabelText('File');
  await user.type(path, 'shop.db');
  await user.click(screen.getByRole('button', { name: 'Save source' }));
  await waitFor(() => expect(path).toBeInvalid());
  await user.clear(path);
  await user.type(path, '/srv/data/shop.db');
  await user.click(screen.getByRole('button', { name: 'Save source' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/sources/s8/schema'));
  expect(server.sent('POST /sources')).toEqual([
    { name: 'Shop', engine: 'sqlite', config: { path: '/srv/data/shop.db' } },
  ]);
});

test('leaving a half-filled form asks first', async () => {
  const { user, router } = renderApp('/sources/new?kind=postgresql');
  await user.type(await screen.findByLabelText('Host'), 'db.internal');
  await user.click(screen.getByRole('link', { name: 'Other kinds' }));
  await user.click(await screen.findByRole('button', { name: 'Keep editing' }));
  expect(screen.getByLabelText('Host')).toHaveValue('db.internal');
  expect(router.state.location.search).toEqual({ kind: 'postgresql' });
  await user.click(screen.getByRole('link', { name: 'Other kinds' }));
  await user.click(await screen.findByRole('button', { name: 'Leave' }));
  expect(await screen.findByRole('button', { name: /Use sample data/ })).toBeInTheDocument();
});

test('conventions are said once, in lines, and sent as facts', async () => {
  const server = withSource().on('PATCH /sources/:id', ({ body }) =>
    fakeSource({ id: 's9', ...(body as object) }),
  );
  const { user } = renderApp('/sources/s9/conventions', server);
  await user.selectOptions(await screen.findByLabelText('Fiscal year begins in'), '4');
  await user.selectOptions(screen.getByLabelText('Weeks begin on'), 'Sunday');
  await user.type(screen.getByLabelText(/Currency/), 'eur');
  const units = screen.getByLabelText(/Units of columns/);
  await user.type(units, 'orders.amount');
  await user.click(screen.getByRole('button', { name: 'Save conventions' }));
  expect(screen.getAllByText('Line 1 is not “table.column = unit”.')).not.toHaveLength(0);
  expect(server.sent('PATCH /sources/s9')).toHaveLength(0);
  await user.type(units, ' = cents');
  await user.click(screen.getByRole('button', { name: 'Save conventions' }));
  await waitFor(() => expect(server.sent('PATCH /sources/s9')).toHaveLength(1));
  expect(server.sent('PATCH /sources/s9')[0]).toEqual({
    conventions: {
      fiscal_year_start: 4,
      week_start: 'sunday',
      time_zone: null,
      currency: 'EUR',
      units: [{ table: 'orders', column: 'amount', unit: 'cents' }],
    },
  });
});

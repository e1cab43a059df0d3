import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { fakeSource } from '@/testing/fakes';
import { fakeServer, renderApp } from '@/testing/render';

const withSource = () =>
  fakeServer()
    .on('GET /sources/:id', ({ params }) => fakeSource({ id: params.id ?? '' }))
    .on('GET /sources/:id/catalog', () => ({
      source_id: 's9',
      refreshed_at: '2026-11-18T14:02:00Z',
      tables: [],
    }));

async function saved(kind: string, fields: Record<string, string>, wanted: object) {
  const server = withSource().on('POST /sources', () => fakeSource({ id: 's9' }));
  const { user, router } = renderApp(`/sources/new?kind=${kind}`, server);
  await screen.findByRole('button', { name: 'Save source' });
  for (const [label, text] of Object.entries(fields)) {
    await user.click(screen.getByLabelText(new RegExp(`^${label}`)));
    await user.paste(text);
  }
  await user.click(screen.getByRole('button', { name: 'Save source' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/sources/s9/schema'));
  expect(server.sent('POST /sources').at(-1)).toEqual(wanted);
}

test('ClickHouse checks the certificate unless someone says otherwise', async () => {
  const fields = { Name: 'Events', Host: 'ch.internal', Database: 'shop', User: 'reader' };
  await saved('clickhouse', fields, {
    name: 'Events',
    engine: 'clickhouse',
    config: { host: 'ch.internal', port: 8443, database: 'shop', user: 'reader', tls: 'verify' },
  });
});

test('Trino leaves out the schema that nobody named', async () => {
  await saved(
    'trino',
    { Name: 'Lake', Host: 'trino', Catalog: 'hive', User: 'reader' },
    {
      name: 'Lake',
      engine: 'trino',
      config: { host: 'trino', port: 443, catalog: 'hive', user: 'reader', tls: 'verify' },
    },
  );
});

test('BigQuery takes a key, and a number as a number', async () => {
  const fields = {
    Name: 'Web',
    Project: 'shop-1',
    Dataset: 'web',
    'Key of the service': '{"a":1}',
  };
  await saved('bigquery', fields, {
    name: 'Web',
    engine: 'bigquery',
    config: { project: 'shop-1', dataset: 'web', max_gigabytes: 100 },
    password: '{"a":1}',
  });
});

test('patterns of a folder become tables', async () => {
  const fields = {
    Name: 'Logs',
    Folder: '/srv/logs',
    'Tables from patterns': 'events = year=*/month=*/*.parquet\norders = orders-*.csv\n',
  };
  await saved('folder', fields, {
    name: 'Logs',
    engine: 'files',
    config: {
      folder: '/srv/logs',
      tables: [
        { table: 'events', glob: 'year=*/month=*/*.parquet' },
        { table: 'orders', glob: 'orders-*.csv' },
      ],
    },
  });
});

test('remote objects are listed one per line, with a name where one is given', async () => {
  const fields = {
    Name: 'Lake',
    Addresses: 's3://bucket/2026/*.parquet\norders = https://files.example/orders.csv',
  };
  await saved('objects', fields, {
    name: 'Lake',
    engine: 'files',
    config: {
      objects: [
        { url: 's3://bucket/2026/*.parquet' },
        { table: 'orders', url: 'https://files.example/orders.csv' },
      ],
    },
  });
});

test('an address of another kind is refused before anything is sent', async () => {
  const { user, server } = renderApp('/sources/new?kind=objects', withSource());
  await user.type(await screen.findByLabelText('Name'), 'X');
  await user.type(screen.getByLabelText('Addresses'), 'ftp://host/file');
  await user.click(screen.getByRole('button', { name: 'Save source' }));
  expect(screen.getByLabelText('Addresses')).toBeInvalid();
  expect(server.sent('POST /sources')).toHaveLength(0);
});

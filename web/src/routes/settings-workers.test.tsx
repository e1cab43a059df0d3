import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Worker } from '@/api/types';
import { fakeSession, fakeWorker, SCOPES } from '@/testing/fakes';
import { fakeServer, renderApp } from '@/testing/render';

function withWorkers(...workers: Worker[]) {
  return fakeServer()
    .on('GET /workers', () => ({ data: workers, next: null }))
    .on('GET /sources', () => ({ data: [], next: null }));
}

const card = async (name: string) => {
  const heading = await screen.findByRole('heading', { name }, { timeout: 5000 });
  const item = heading.closest('li');
  if (!item) throw new Error(`${name} is in no list`);
  return item;
};

test('each worker says how it is in words: state, version, load, last error', async () => {
  const busy = fakeWorker({ load: 3 });
  const sick = fakeWorker({
    id: 'w2',
    name: 'beside the shop',
    health: 'failing',
    upgrade: 'worker',
    last_error: 'The database does not answer.',
    last_error_at: '2026-11-18T14:02:00Z',
  });
  const away = fakeWorker({
    id: 'w3',
    name: 'laptop',
    state: 'offline',
    health: 'away',
    load: null,
  });
  renderApp('/settings/workers', withWorkers(busy, sick, away));
  expect(await card('worker')).toHaveTextContent(/Online.*Version 0\.1\.0.*3 of 8 slots busy/);
  expect(await card('beside the shop')).toHaveTextContent(/Failing/);
  expect(await card('beside the shop')).toHaveTextContent(/Older than the server: upgrade it/);
  expect(await card('beside the shop')).toHaveTextContent(/The database does not answer\./);
  expect(await card('laptop')).toHaveTextContent(/Offline.*Last seen/);
});

test('one command is made and shown, and the worker is seen to arrive', async () => {
  const workers: Worker[] = [];
  const command = 'datelier worker start --server h:8485 --token dtj_x.y --name shop';
  const server = withWorkers(...workers)
    .on('GET /workers', () => ({ data: workers, next: null }))
    .on('POST /workers/join', () => ({
      id: 'j',
      name: 'shop',
      token: 'dtj_x.y',
      expires_at: new Date(Date.now() + 900_000).toISOString(),
      server: 'h:8485',
      command,
      loopback_only: false,
    }));
  const { user } = renderApp('/settings/workers', server);
  await user.click(await screen.findByRole('button', { name: 'Add worker' }));
  const name = screen.getByLabelText('Name');
  await user.clear(name);
  await user.type(name, 'shop');
  await user.click(screen.getByRole('button', { name: 'Make command' }));
  const dialog = await screen.findByRole('dialog', { name: 'Run this where the data is' });
  expect(dialog).toHaveTextContent(command);
  expect(server.sent('POST /workers/join')).toEqual([{ name: 'shop' }]);
  expect(dialog).toHaveTextContent('Waiting for shop to connect…');
  workers.push(fakeWorker({ id: 'new', name: 'shop' }));
  await waitFor(() => expect(dialog).toHaveTextContent('shop is online.'), { timeout: 8000 });
}, 15_000);

test('a name that cannot be is refused before anything is made', async () => {
  const server = withWorkers();
  const { user } = renderApp('/settings/workers', server);
  await user.click(await screen.findByRole('button', { name: 'Add worker' }));
  const name = screen.getByLabelText('Name');
  await user.clear(name);
  await user.type(name, '; rm');
  await user.click(screen.getByRole('button', { name: 'Make command' }));
  expect(await screen.findAllByText('Letters, digits, spaces and . @ - only.')).not.toHaveLength(0);
  expect(server.sent('POST /workers/join')).toHaveLength(0);
});

test('revoking asks first; the installation’s own worker cannot be revoked here', async () => {
  const own = fakeWorker({ name: 'shop' });
  const shared = fakeWorker({ id: 'w2', name: 'local', platform: true, host: null });
  const server = withWorkers(own, shared).on('DELETE /workers/:id', () => null);
  const { user } = renderApp('/settings/workers', server);
  expect(within(await card('local')).queryByRole('button')).toBeNull();
  await user.click(within(await card('shop')).getByRole('button', { name: 'Revoke shop' }));
  const dialog = await screen.findByRole('alertdialog').catch(() => screen.findByRole('dialog'));
  expect(server.sent('DELETE /workers/:id')).toHaveLength(0);
  await user.click(within(dialog).getByRole('button', { name: 'Revoke worker' }));
  await waitFor(() => expect(server.sent('DELETE /workers/:id')).toHaveLength(1));
});

test('a source that only the worker has is added by its name alone', async () => {
  const worker = fakeWorker({ sources: [{ name: 'warehouse', engine: 'postgresql' }] });
  const server = withWorkers(worker).on('POST /sources', () => ({ id: 's' }));
  const { user } = renderApp('/settings/workers', server);
  await user.click(await screen.findByRole('button', { name: 'Add warehouse as a source' }));
  await waitFor(() =>
    expect(server.sent('POST /sources')).toEqual([
      {
        name: 'warehouse',
        engine: 'postgresql',
        credentials: 'worker',
        worker_source: 'warehouse',
      },
    ]),
  );
});

test('who may not manage workers sees them and no buttons', async () => {
  const server = withWorkers(fakeWorker()).on('GET /auth/me', () =>
    fakeSession({ role: 'viewer', scopes: SCOPES.filter((scope) => scope !== 'worker:manage') }),
  );
  renderApp('/settings/workers', server);
  await card('worker');
  expect(screen.queryByRole('button', { name: 'Add worker' })).toBeNull();
  expect(screen.queryByRole('button', { name: /Revoke/ })).toBeNull();
});

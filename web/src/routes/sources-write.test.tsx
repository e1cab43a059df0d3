import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { fakeAgent, fakeSession, fakeSource, SCOPES } from '@/testing/fakes';
import { fakeServer, renderApp } from '@/testing/render';

const OFF = { enabled: false, user: null, has_password: false, rehearse: false };
const FORM = { ...OFF, max_rows: 10_000, timeout_seconds: 30 };

const admin = () =>
  fakeServer().on('GET /auth/me', () =>
    fakeSession({ scopes: [...SCOPES, 'write_connection:manage'] }),
  );

function access(engine: 'sqlite' | 'mysql') {
  let stored: object = FORM;
  return admin()
    .on('GET /sources/:id', ({ params }) => fakeSource({ id: params.id ?? '', engine }))
    .on('GET /sources/:id/catalog', () => ({ source_id: 's9', refreshed_at: null, tables: [] }))
    .on('GET /sources/:id/write_connection', () => stored)
    .on('PUT /sources/:id/write_connection', ({ body }) => {
      stored = { ...FORM, ...(body as object), enabled: true };
      return stored;
    });
}

test('writes to a file are allowed without an account', async () => {
  const { user, server } = renderApp('/sources/s9/access', access('sqlite'));
  const allow = await screen.findByRole('button', { name: 'Allow approved writes' });
  expect(screen.queryByLabelText('User for writes')).not.toBeInTheDocument();
  await user.click(allow);
  expect(await screen.findByRole('button', { name: 'Forbid writes' })).toBeInTheDocument();
  expect(server.sent('PUT /sources/s9/write_connection')).toEqual([
    { max_rows: 10_000, timeout_seconds: 30, rehearse: false },
  ]);
});

test('writes to a server need an account of their own', async () => {
  const { user, server } = renderApp('/sources/s9/access', access('mysql'));
  const name = await screen.findByLabelText('User for writes');
  expect(screen.getByRole('button', { name: 'Allow approved writes' })).toBeDisabled();
  await user.type(name, 'corrector');
  await user.type(screen.getByLabelText('Password'), 'secret');
  await user.click(screen.getByRole('button', { name: 'Allow approved writes' }));
  await waitFor(() =>
    expect(server.sent('PUT /sources/s9/write_connection')).toEqual([
      {
        user: 'corrector',
        password: 'secret',
        max_rows: 10_000,
        timeout_seconds: 30,
        rehearse: false,
      },
    ]),
  );
});

test('the practice copy is one click away, and the steward is there to be asked', async () => {
  const server = admin()
    .on('GET /agents', () => ({
      data: [fakeAgent({ id: 'a2', slug: 'steward' })],
      next: null,
    }))
    .on('POST /sources/sample', () => fakeSource({ id: 's9', engine: 'sqlite' }));
  const { user, router } = renderApp('/sources/new', server);
  await user.click(await screen.findByRole('button', { name: /Practice corrections/ }));
  await waitFor(() => expect(router.state.location.search).toEqual({ source: 's9', agent: 'a2' }));
});

test('whoever may not allow writes is not offered the practice copy', async () => {
  renderApp('/sources/new', fakeServer());
  expect(await screen.findByRole('button', { name: /Use sample data/ })).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: /Practice/ })).not.toBeInTheDocument();
});

import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { ModelCheck } from '@/api/types';
import { fakeModel, fakeSession } from '@/testing/fakes';
import { fakeRequest } from '@/testing/fakes-inbox';
import { fakeServer, renderApp } from '@/testing/render';

const PROVIDERS = [
  { id: 'openai', title: 'OpenAI', default_model: 'gpt-5', needs_key: true, needs_endpoint: false },
];

function withModels(...models: ReturnType<typeof fakeModel>[]) {
  return fakeServer()
    .on('GET /models', () => ({ data: models, next: null }))
    .on('GET /models/providers', () => PROVIDERS)
    .on('PATCH /models/:id', () => fakeModel());
}

test('a stored key is told about but in no field, and stays when not replaced', async () => {
  const { user, server } = renderApp('/settings/models?model=m1', withModels(fakeModel()));
  const dialog = await screen.findByRole('dialog', { name: 'Edit model' });
  expect(await within(dialog).findByText(/ends in x7Q2/)).toBeInTheDocument();
  expect(dialog.querySelector('[name=api_key]')).toBeNull();
  await user.click(within(dialog).getByRole('button', { name: 'Save model' }));
  await waitFor(() => expect(server.sent('PATCH /models/:id')).toHaveLength(1));
  expect(server.sent('PATCH /models/:id')[0]).not.toHaveProperty('api_key');
});

test('Replace opens an empty field whose text is sent', async () => {
  const { user, server } = renderApp('/settings/models?model=m1', withModels(fakeModel()));
  await user.click(await screen.findByRole('button', { name: 'Replace' }));
  const field = screen.getByLabelText('API key');
  expect(field).toHaveValue('');
  await user.type(field, 'sk-new');
  await user.click(screen.getByRole('button', { name: 'Save model' }));
  await waitFor(() =>
    expect(server.sent('PATCH /models/:id')[0]).toMatchObject({ api_key: 'sk-new' }),
  );
});

test('an unknown price is a dash, a free one is zero', async () => {
  const unknown = fakeModel({ id: 'm1', name: 'House', price: { input: null, output: null } });
  const free = fakeModel({ id: 'm2', name: 'Local', price: { input: 0, output: 0 } });
  renderApp('/settings/models', withModels(unknown, free));
  expect(await screen.findByText('No price set')).toBeInTheDocument();
  expect(screen.getByText('$0.00 in · $0.00 out')).toBeInTheDocument();
});

test('only a tested model can be made active; a test shows every capability', async () => {
  const check = (name: ModelCheck['name'], ok: boolean): ModelCheck => ({
    name,
    ok,
    elapsed_ms: 5,
  });
  const untested = fakeModel({ name: 'New', is_active: false, tested_at: null, test_ok: null });
  const server = withModels(untested).on('POST /models/:id/test', () => ({
    ok: false,
    checks: [check('reply', true), check('stream', true), check('tool_call', false)],
  }));
  const { user } = renderApp('/settings/models', server);
  await user.click(await screen.findByRole('button', { name: 'Test' }));
  const checks = await screen.findByRole('list', { name: 'Checks of New' });
  expect(within(checks).getByText('Tool call').parentElement).toHaveTextContent('failed');
  expect(screen.queryByRole('button', { name: 'Make active' })).toBeNull();
});

test('a new token is shown once, with the lines that use it', async () => {
  const server = fakeServer()
    .on('GET /tokens', () => ({ data: [], next: null }))
    .on('POST /tokens', () => ({ id: 'k', name: 'x', prefix: 'dtl_a', token: 'dtl_secret' }));
  const { user } = renderApp('/settings/tokens', server);
  await user.click(await screen.findByRole('button', { name: 'New token' }));
  await user.type(screen.getByLabelText('Name'), 'Nightly export');
  await user.click(screen.getByRole('button', { name: 'Create token' }));
  const dialog = await screen.findByRole('dialog', { name: 'Copy the token now' });
  expect(dialog).toHaveTextContent('curl -H "Authorization: Bearer dtl_secret"');
  expect(server.sent('POST /tokens')).toEqual([{ name: 'Nightly export', expires_in_days: 90 }]);
  await user.click(within(dialog).getByRole('button', { name: 'Done' }));
  expect(screen.queryByText(/dtl_secret/)).toBeNull();
});

test('a token that is on its way is not lost to Cancel or Close', async () => {
  let answer: (made: object) => void = () => undefined;
  const made = new Promise<object>((resolve) => {
    answer = resolve;
  });
  const server = fakeServer()
    .on('GET /tokens', () => ({ data: [], next: null }))
    .on('POST /tokens', () => made);
  const { user } = renderApp('/settings/tokens', server);
  await user.click(await screen.findByRole('button', { name: 'New token' }));
  await user.type(screen.getByLabelText('Name'), 'Nightly export');
  await user.click(screen.getByRole('button', { name: 'Create token' }));
  const dialog = screen.getByRole('dialog', { name: 'New token' });
  await waitFor(() =>
    expect(within(dialog).getByRole('button', { name: 'Cancel' })).toBeDisabled(),
  );
  await user.click(within(dialog).getByRole('button', { name: 'Close' }));
  answer({ id: 'k', name: 'x', prefix: 'dtl_a', token: 'dtl_secret' });
  expect(await screen.findByRole('dialog', { name: 'Copy the token now' })).toHaveTextContent(
    'dtl_secret',
  );
});

test('an invitation gives a link, and offers no role above one’s own', async () => {
  const server = fakeServer()
    .on('GET /auth/me', () => fakeSession({ role: 'admin' }))
    .on('GET /members', () => ({ data: [], next: null }))
    .on('GET /invites', () => ({ data: [], next: null }))
    .on('POST /invites', () => ({
      id: 'i',
      url: 'http://host/invite/abc',
      role: 'analyst',
      expires_at: '2026-11-25T14:02:00Z',
    }));
  const { user } = renderApp('/settings/members', server);
  await user.click(await screen.findByRole('button', { name: 'Invite' }));
  const role = screen.getByLabelText('Role');
  expect(within(role).queryByRole('option', { name: 'Owner' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Make link' }));
  expect(await screen.findByLabelText('Invitation link')).toHaveValue('http://host/invite/abc');
  expect(server.sent('POST /invites')).toEqual([{ role: 'analyst' }]);
});

test('who a request can be given to and the page of members are one list', async () => {
  const person = {
    id: 'mb1',
    user: { id: 'u2', name: 'Vera', email: 'vera@example.org' },
    role: 'analyst',
    last_active_at: null,
  };
  const server = fakeServer()
    .on('GET /requests/:id', () => fakeRequest())
    .on('GET /members', () => ({ data: [person], next: null }))
    .on('GET /invites', () => ({ data: [], next: null }));
  const { user, router } = renderApp('/inbox/q1', server);
  await user.click(await screen.findByRole('button', { name: 'More actions' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Assign…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Who is to decide?' });
  expect(await within(dialog).findByRole('option', { name: 'Vera' })).toBeInTheDocument();
  await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  await router.navigate({ to: '/settings/members' });
  expect(await screen.findByText('vera@example.org')).toBeInTheDocument();
});

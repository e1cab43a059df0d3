import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Member, Role } from '@/api/types';
import { fakeSession } from '@/testing/fakes';
import { fakeServer, renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

function member(id: string, name: string, role: Role): Member {
  const user = { id: `u${id}`, name, email: `${name.toLowerCase()}@example.org` };
  return { id, user, role, last_active_at: null };
}

const members = () => [member('1', 'Dana', 'owner'), member('2', 'Vera', 'analyst')];
const invite = { id: 'i1', role: 'analyst', email: 'kim@example.org', expires_at: '2026-11-25' };

function withPeople() {
  return fakeServer()
    .on('GET /members', members)
    .on('GET /invites', () => [invite]);
}

const away = () => problem(503, 'away');
const heading = () => screen.getByRole('heading', { level: 1 });

test('invitations that cannot be listed are not taken for none', async () => {
  renderApp('/settings/members', withPeople().on('GET /invites', away));
  expect(await screen.findByText('away')).toBeVisible();
});

test('an invitation is revoked once, and focus is not lost with its row', async () => {
  let answer = (): void => undefined;
  const slow = new Promise((resolve) => (answer = () => resolve(undefined)));
  const server = withPeople().on('DELETE /invites/:id', async () => {
    await slow;
    server.on('GET /invites', () => []);
  });
  const { user } = renderApp('/settings/members', server);
  const revoke = await screen.findByRole('button', { name: /^Revoke the invitation for kim/ });
  await user.dblClick(revoke);
  answer();
  await waitFor(() => expect(revoke).not.toBeInTheDocument());
  expect(server.sent('DELETE /invites/:id')).toHaveLength(1);
  expect(heading()).toHaveFocus();
});

test('who changes their own role is asked anew what they may', async () => {
  const server = withPeople().on('PATCH /members/:id', () => {
    server.on('GET /auth/me', () => fakeSession({ role: 'viewer', scopes: ['member:get'] }));
    return member('1', 'Dana', 'viewer');
  });
  const { user } = renderApp('/settings/members', server);
  await user.selectOptions(await screen.findByLabelText('Role of Dana'), 'viewer');
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Invite' })).toBeNull());
});

test('a role that is chosen while another is being saved is the one that stays', async () => {
  const answers: (() => void)[] = [];
  let now: Role = 'analyst';
  const server = withPeople()
    .on('GET /members', () => [member('1', 'Dana', 'owner'), member('2', 'Vera', now)])
    .on('PATCH /members/:id', async ({ body }) => {
      await new Promise((resolve) => answers.push(() => resolve(undefined)));
      now = (body as { role: Role }).role;
      return member('2', 'Vera', now);
    });
  const { user } = renderApp('/settings/members', server);
  const role = await screen.findByLabelText('Role of Vera');
  await user.selectOptions(role, 'builder');
  // A select that were disabled now would lose the keyboard's focus.
  expect(role).toBeEnabled();
  await user.selectOptions(role, 'admin');
  expect(role).toHaveValue('admin');
  await waitFor(() => expect(answers).toHaveLength(1));
  answers[0]?.();
  await waitFor(() => expect(answers).toHaveLength(2));
  expect(role).toHaveValue('admin');
  answers[1]?.();
  await waitFor(() => expect(now).toBe('admin'));
  expect(server.sent('PATCH /members/:id')).toEqual([{ role: 'builder' }, { role: 'admin' }]);
});

test('nobody is offered to remove whose role is above their own', async () => {
  const server = withPeople().on('GET /auth/me', () =>
    fakeSession({ role: 'admin', user: { id: 'u9', name: 'Kim', email: 'kim@example.org' } }),
  );
  renderApp('/settings/members', server);
  expect(await screen.findByRole('button', { name: 'Remove Vera' })).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Remove Dana' })).toBeNull();
});

test('focus is not lost with the row of a token that is revoked', async () => {
  const token = { id: 'k', name: 'Nightly', prefix: 'dtl_a', last_used_at: null, expires_at: null };
  const server = fakeServer()
    .on('GET /tokens', () => [token])
    .on('DELETE /tokens/:id', () => {
      server.on('GET /tokens', () => []);
    });
  const { user } = renderApp('/settings/tokens', server);
  await user.click(await screen.findByRole('button', { name: 'Revoke Nightly' }));
  await user.click(
    within(screen.getByRole('dialog')).getByRole('button', { name: 'Revoke token' }),
  );
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await waitFor(() => expect(heading()).toHaveFocus());
});

test('Back asks before what is typed in a dialog is lost', async () => {
  const server = fakeServer().on('GET /tokens', () => []);
  const { user, router } = renderApp('/settings/tokens', server);
  await user.click(await screen.findByRole('button', { name: 'New token' }));
  await user.type(screen.getByLabelText('Name'), 'Nightly');
  void router.navigate({ to: '/settings/about' });
  await user.click(await screen.findByRole('button', { name: 'Keep editing' }));
  expect(screen.getByLabelText('Name')).toHaveValue('Nightly');
});

test('a server that is away is not called healthy by what it said before', async () => {
  const { server, queryClient } = renderApp('/settings/about', fakeServer());
  const main = within(await screen.findByRole('main'));
  expect(await main.findByText('Ready')).toBeVisible();
  server.on('GET /status', away);
  await queryClient.invalidateQueries({ queryKey: ['status'] });
  expect(await main.findByText('away')).toBeVisible();
  expect(main.queryByText('Ready')).toBeNull();
});

test('an answer that comes late closes no other question', async () => {
  let answer = (): void => undefined;
  const slow = new Promise((resolve) => (answer = () => resolve(null)));
  const token = { prefix: 'dtl_a', last_used_at: null, expires_at: null };
  const later = { ...token, id: 'k2', name: 'Weekly' };
  const server = fakeServer()
    .on('GET /tokens', () => [{ ...token, id: 'k1', name: 'Nightly' }, later])
    .on('DELETE /tokens/:id', async () => {
      await slow;
      server.on('GET /tokens', () => [later]);
    });
  const { user } = renderApp('/settings/tokens', server);
  await user.click(await screen.findByRole('button', { name: 'Revoke Nightly' }));
  await user.click(screen.getByRole('button', { name: 'Revoke token' }));
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  await user.click(screen.getByRole('button', { name: 'Revoke Weekly' }));
  answer();
  await waitFor(() => expect(screen.queryByText('Nightly')).toBeNull());
  await user.hover(screen.getByRole('button', { name: 'Revoke token' }));
  expect(screen.getByRole('dialog', { name: 'Revoke “Weekly”?' })).toBeVisible();
});

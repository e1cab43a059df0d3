import { screen, waitFor } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { fakeSession, fakeSource } from '@/testing/fakes';
import { fakeServer, renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

function firstRun() {
  let signedUp = false;
  return fakeServer()
    .on('GET /auth/setup', () => ({ needs_setup: !signedUp, version: '0.1.0' }))
    .on('GET /auth/me', () => (signedUp ? fakeSession() : problem(401, 'auth_required')))
    .on('POST /auth/refresh', () => problem(401, 'auth_required'))
    .on('POST /auth/signup', () => {
      signedUp = true;
      return Response.json(fakeSession(), { status: 201 });
    })
    .on('POST /sources/sample', () => Response.json(fakeSource({ id: 's9' }), { status: 201 }));
}

async function fill(user: UserEvent) {
  await user.type(await screen.findByLabelText('Your name'), 'Dana Ray');
  await user.type(screen.getByLabelText('Email'), 'dana@example.org');
  await user.type(screen.getByLabelText('Password'), 'correct horse battery');
}

test('an unset workspace leads to the welcome page', async () => {
  const { router } = renderApp('/sources', firstRun());
  await screen.findByRole('heading', { level: 1, name: 'Open the link from the terminal' });
  expect(router.state.location.pathname).toBe('/welcome');
});

test('sample data is the default: account, sample, and a chat about it', async () => {
  const { user, server, router } = renderApp('/welcome#t=one-time', firstRun());
  expect(await screen.findByLabelText('Use sample data')).toBeChecked();
  await fill(user);
  await user.click(screen.getByRole('button', { name: 'Create account and start' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/chats/new'));
  expect(router.state.location.search).toEqual({ source: 's9' });
  expect(server.sent('POST /auth/signup')).toEqual([
    {
      name: 'Dana Ray',
      email: 'dana@example.org',
      password: 'correct horse battery',
      setup_token: 'one-time',
    },
  ]);
});

test('connecting a database goes to its form and adds no sample', async () => {
  const { user, server, router } = renderApp('/welcome#t=one-time', firstRun());
  await user.click(await screen.findByLabelText('Connect a database'));
  await fill(user);
  await user.click(screen.getByRole('button', { name: 'Create account and start' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/sources/new'));
  expect(router.state.location.search).toEqual({ kind: 'postgresql' });
  expect(server.sent('POST /sources/sample')).toHaveLength(0);
});

test('what the server says about a field lands on that field, and focus on the summary', async () => {
  const server = firstRun().on('POST /auth/signup', () =>
    problem(422, 'validation_failed', {
      errors: [{ path: 'body.password', message: 'This password is in a list of leaked ones' }],
    }),
  );
  const { user } = renderApp('/welcome#t=one-time', server);
  await fill(user);
  await user.click(screen.getByRole('button', { name: 'Create account and start' }));
  const password = await screen.findByLabelText('Password');
  await waitFor(() => expect(password).toBeInvalid());
  expect(password).toHaveAccessibleDescription(/leaked ones/);
  const summary = screen.getByRole('alert');
  expect(summary).toHaveTextContent('One field needs a look');
  expect(summary.parentElement).toHaveFocus();
});

test('an incomplete form sends nothing', async () => {
  const { user, server } = renderApp('/welcome#t=one-time', firstRun());
  await user.click(await screen.findByRole('button', { name: 'Create account and start' }));
  expect(screen.getByRole('alert')).toHaveTextContent('3 fields need a look');
  expect(server.sent('POST /auth/signup')).toHaveLength(0);
});

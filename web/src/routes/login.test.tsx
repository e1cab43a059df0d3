import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { fakeSession } from '@/testing/fakes';
import { fakeServer, renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

function signedOut() {
  let session = false;
  return fakeServer()
    .on('GET /auth/me', () => (session ? fakeSession() : problem(401, 'auth_required')))
    .on('POST /auth/refresh', () => problem(401, 'auth_required'))
    .on('POST /auth/login', ({ body }) => {
      const { password } = body as { password: string };
      if (password !== 'right') {
        return problem(401, 'auth_required', { title: 'Wrong email or password' });
      }
      session = true;
      return fakeSession();
    });
}

test('signing in returns to where it was asked for', async () => {
  const { user, router } = renderApp('/settings/appearance', signedOut());
  await user.type(await screen.findByLabelText('Email'), 'dana@example.org');
  expect(router.state.location.pathname).toBe('/login');
  await user.type(screen.getByLabelText('Password'), 'right');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  await screen.findByRole('heading', { level: 1, name: 'Appearance' });
  expect(document.title).toBe('Appearance · Acme · Datelier');
});

test('a wrong password says so and keeps what was typed', async () => {
  const { user, router } = renderApp('/login', signedOut());
  await user.type(await screen.findByLabelText('Email'), 'dana@example.org');
  await user.type(screen.getByLabelText('Password'), 'wrong');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('Wrong email or password');
  await waitFor(() => expect(screen.getByLabelText('Email')).toHaveValue('dana@example.org'));
  expect(router.state.location.pathname).toBe('/login');
});

test('a session that ends leads to sign-in and back', async () => {
  let session = true;
  const server = fakeServer()
    .on('GET /auth/me', () => (session ? fakeSession() : problem(401, 'auth_required')))
    .on('POST /auth/refresh', () => problem(401, 'auth_required'))
    .on('GET /sources', () => (session ? { data: [], next: null } : problem(401, 'auth_required')));
  const { queryClient, router } = renderApp('/sources', server);
  await screen.findByText('No sources yet');
  session = false;
  await queryClient.invalidateQueries({ queryKey: ['sources'] });
  await screen.findByRole('heading', { level: 1, name: 'Sign in' });
  expect(router.state.location.search).toEqual({ next: '/sources' });
});

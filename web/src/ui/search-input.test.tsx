import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { fakeServer, renderApp } from '@/testing/render';

const definitions = () => fakeServer().on('GET /definitions', () => ({ data: [], next: null }));

const box = () => screen.findByLabelText('Search definitions', {}, { timeout: 8000 });

test('a search goes into the address after the last key, in one piece', async () => {
  const { user, server, router } = renderApp('/definitions', definitions());
  await user.type(await box(), 'net');
  await waitFor(() => expect(router.state.location.search).toEqual({ q: 'net' }));
  const asked = server.requests.filter(({ path }) => path === '/definitions');
  expect(asked.map(({ query }) => query.get('q'))).toEqual([null, 'net']);
  expect(await box()).toHaveValue('net');
}, 15_000);

test('a link that drops the search empties its field, and the field does not bring it back', async () => {
  const { user, router } = renderApp('/definitions?q=net', definitions());
  expect(await box()).toHaveValue('net');
  await user.click(screen.getByRole('link', { name: 'Definitions' }));
  await waitFor(() => expect(screen.getByLabelText('Search definitions')).toHaveValue(''));
  await user.type(await box(), 'x');
  await waitFor(() => expect(router.state.location.search).toEqual({ q: 'x' }));
}, 15_000);

import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { fakeSession, fakeStatus } from '@/testing/fakes';
import { fakeServer, renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

const statusLink = (text: string) => screen.findByRole('link', { name: `Status: ${text}` });

test('the status line says what is missing and leads to the fix', async () => {
  const server = fakeServer().on('GET /status', () =>
    fakeStatus({ model: { configured: false, is_demo: false } }),
  );
  renderApp('/sources', server);
  expect(await statusLink('No model connected')).toHaveAttribute('href', '/settings/models');
});

test('without a worker it leads to how to start one', async () => {
  const server = fakeServer().on('GET /status', () => fakeStatus({ workers: { online: 0 } }));
  renderApp('/sources', server);
  expect(await statusLink('No worker online')).toHaveAttribute('href', '/settings/workers');
});

test('a server that does not answer is shown as offline', async () => {
  const server = fakeServer().on('GET /status', () => problem(503, 'unavailable'));
  renderApp('/sources', server);
  expect(await statusLink('Offline, reconnecting')).toBeInTheDocument();
});

test('what the role does not allow is absent', async () => {
  const server = fakeServer().on('GET /auth/me', () =>
    fakeSession({ role: 'viewer', scopes: ['thread:get', 'source:get'] }),
  );
  renderApp('/settings/appearance', server);
  const rail = await screen.findByRole('navigation', { name: 'Main' });
  expect(within(rail).getByRole('link', { name: 'Chats' })).toBeInTheDocument();
  expect(within(rail).queryByRole('link', { name: 'New chat' })).toBeNull();
  const settings = await screen.findByRole('navigation', { name: 'Settings' });
  expect(within(settings).queryByRole('link', { name: 'Members' })).toBeNull();
});

test('keys: g s jumps, and the new page’s heading takes focus and names the document', async () => {
  const { user, router } = renderApp('/settings/appearance');
  await screen.findByRole('heading', { level: 1, name: 'Appearance' });
  await user.keyboard('gs');
  const heading = await screen.findByRole('heading', { level: 1, name: 'Sources' });
  expect(router.state.location.pathname).toBe('/sources');
  expect(heading).toHaveFocus();
  expect(document.title).toBe('Sources · Acme · Datelier');
});

test('keys are text while typing', async () => {
  const { user, router } = renderApp('/settings/models?model=new');
  await screen.findByRole('dialog', { name: 'Add model' });
  await user.keyboard('gs');
  expect(router.state.location.pathname).toBe('/settings/models');
});

test('⌘K finds a source by name, and asks what it does not know', async () => {
  const { user, router } = renderApp('/settings/appearance');
  await screen.findByRole('heading', { level: 1, name: 'Appearance' });
  await user.keyboard('{Meta>}k{/Meta}');
  const box = await screen.findByRole('combobox', { name: 'Search or jump' });
  await user.type(box, 'retail');
  expect(await screen.findByRole('option', { name: /Retail sample/ })).toHaveAttribute(
    'aria-selected',
    'true',
  );
  await user.keyboard('{ArrowDown}{Enter}');
  await waitFor(() => expect(router.state.location.pathname).toBe('/chats/new'));
  expect(router.state.location.search).toEqual({ q: 'retail' });
});

test('[ folds the rail and the browser remembers it', async () => {
  const { user } = renderApp('/settings/appearance');
  await user.click(await screen.findByRole('button', { name: 'Collapse navigation' }));
  expect(window.localStorage.getItem('datelier.rail')).toBe('narrow');
  await user.keyboard('[[');
  expect(await screen.findByRole('button', { name: 'Collapse navigation' })).toBeInTheDocument();
});

test('? lists the shortcuts, and g with a letter jumps', async () => {
  const { user, router } = renderApp('/settings/appearance');
  await screen.findByRole('heading', { level: 1, name: 'Appearance' });
  await user.keyboard('?');
  const dialog = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
  expect(dialog).toHaveTextContent('Approve, edit, respond, reject');
  await user.keyboard('ga');
  expect(router.state.location.pathname).toBe('/settings/appearance');
  await user.click(within(dialog).getByRole('button', { name: 'Close' }));
  await user.keyboard('ga');
  await waitFor(() => expect(router.state.location.pathname).toBe('/agents'));
});

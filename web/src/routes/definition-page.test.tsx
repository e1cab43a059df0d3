import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { DefinitionContent } from '@/api/types';
import { fakeDefined } from '@/testing/fakes';
import { definitionServer } from '@/testing/fakes-definitions';
import { renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

const page = async (name = 'Revenue') =>
  screen.findByRole('heading', { level: 1, name }, { timeout: 8000 });

const note = () => screen.getByRole('textbox', { name: /^Note/ });
const away = () => problem(503, 'away');

test('what is typed while a save is on its way is kept, and is not saved yet', async () => {
  let answer = (): void => undefined;
  const slow = new Promise((resolve) => (answer = () => resolve(null)));
  const server = definitionServer(fakeDefined()).on('PUT /definitions/:id', async ({ body }) => {
    await slow;
    return { ...fakeDefined(), ...(body as DefinitionContent), version: 4 };
  });
  const { user } = renderApp('/definitions/d1', server);
  await page();
  await user.type(note(), 'Net.');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await user.type(note(), ' Of returns.');
  server.on('GET /definitions/:id', () => ({ ...fakeDefined(), note: 'Net.', version: 4 }));
  answer();
  await waitFor(() =>
    expect(screen.getByRole('button', { name: 'Save' })).not.toHaveAttribute('aria-busy'),
  );
  expect(note()).toHaveValue('Net. Of returns.');
}, 20_000);

test('a tab keeps what is typed, so nothing is asked; another page does not, so it is', async () => {
  const { user } = renderApp('/definitions/d1', definitionServer(fakeDefined()));
  await page();
  await user.type(note(), 'Net.');
  await user.click(screen.getByRole('tab', { name: /^Versions/ }));
  expect(await screen.findByRole('region', { name: 'Compare' })).toBeVisible();
  await user.click(screen.getByRole('tab', { name: 'Definition' }));
  expect(note()).toHaveValue('Net.');
  const [link] = screen.getAllByRole('link', { name: 'Definitions' });
  if (link) await user.click(link);
  expect(await screen.findByRole('button', { name: 'Leave' })).toBeVisible();
}, 20_000);

test('after an archive nobody is asked about what was typed on it', async () => {
  const server = definitionServer(fakeDefined());
  server.on('DELETE /definitions/:id', () => {
    server.on('GET /definitions/:id', () => problem(404, 'not_found'));
  });
  const { user, router } = renderApp('/definitions/d1', server);
  await page();
  await user.type(note(), 'Net.');
  await user.click(screen.getByRole('button', { name: 'Actions' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Archive…' }));
  const asked = await screen.findByRole('dialog');
  await user.click(within(asked).getByRole('button', { name: 'Archive' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/definitions'));
}, 20_000);

test('a source whose name is on its way is not called removed', async () => {
  const server = definitionServer(fakeDefined()).on('GET /sources', away);
  renderApp('/definitions/d1', server);
  await page();
  expect(await screen.findByLabelText('Source')).not.toHaveDisplayValue('Removed source');
}, 20_000);

test('an error goes when what was asked for next succeeds', async () => {
  const server = definitionServer(fakeDefined())
    .on('POST /definitions/:id/certify', away)
    .on('POST /definitions/:id/check', () => fakeDefined());
  const { user } = renderApp('/definitions/d1', server);
  await page();
  await user.click(screen.getByRole('button', { name: 'Certify' }));
  expect(await screen.findByText('away')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Check now' }));
  await waitFor(() => expect(screen.queryByText('away')).toBeNull());
}, 20_000);

test('a reason that was given up is not there the next time', async () => {
  const { user } = renderApp('/definitions/d1', definitionServer(fakeDefined()));
  await page();
  const ask = async () => {
    await user.click(screen.getByRole('button', { name: 'Actions' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Take back…' }));
    return screen.findByLabelText(/^Why/);
  };
  await user.type(await ask(), 'Wrong.');
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(await ask()).toHaveValue('');
}, 20_000);

test('what was loaded stays when more cannot be', async () => {
  const server = definitionServer(fakeDefined()).on('GET /definitions', ({ query }) =>
    query.has('cursor') ? away() : { data: [fakeDefined()], next: 'c1' },
  );
  const { user } = renderApp('/definitions', server);
  await user.click(await screen.findByRole('button', { name: 'Load more' }));
  expect(await screen.findByText('away')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Revenue' })).toBeVisible();
}, 20_000);

test.each([
  ['versions', () => screen.findByRole('region', { name: 'Compare' })],
  ['uses', () => screen.findByText(/3 queries of answers used it/)],
])(
  'the %s stay when they cannot be read again',
  async (tab, found) => {
    const server = definitionServer(fakeDefined());
    const { queryClient } = renderApp(`/definitions/d1?tab=${tab}`, server);
    await found();
    server.on(`GET /definitions/:id/${tab}`, away);
    await queryClient.invalidateQueries({ queryKey: ['definitions', 'd1', tab] });
    expect(await screen.findByText('away')).toBeVisible();
    expect(await found()).toBeVisible();
  },
  20_000,
);

import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { AgentDefinition } from '@/api/types';
import { fakeAgent, fakeDefinition, fakeModel, fakeSource } from '@/testing/fakes';
import { agentServer, fakeAgentDetail } from '@/testing/fakes-agents';
import { renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

const page = async (name = 'Nora') =>
  screen.findByRole('heading', { level: 1, name }, { timeout: 8000 });

const instructions = () => screen.getByRole('textbox', { name: 'Instructions' });
const save = () => screen.getByRole('button', { name: 'Save draft' });

test('what is typed while a save is on its way is kept, and is not saved yet', async () => {
  let answer = (): void => undefined;
  const slow = new Promise((resolve) => (answer = () => resolve(null)));
  const server = agentServer(fakeAgentDetail());
  server.on('PUT /agents/:id/draft', async ({ body }) => {
    await slow;
    return { revision: 2, has_changes: true, definition: body };
  });
  const { user } = renderApp('/agents/a2', server);
  await page();
  await user.type(instructions(), ' One.');
  await user.click(save());
  await user.type(instructions(), ' Two.');
  answer();
  await waitFor(() => expect(save()).not.toHaveAttribute('aria-busy'));
  expect(instructions()).toHaveValue('Be kind. One. Two.');
  expect(screen.getByTestId('save-status')).toBeVisible();
}, 20_000);

test('a name that is refused does not turn the draft against the next save', async () => {
  const server = agentServer(fakeAgentDetail({ draft_revision: 7 }));
  const taken = () =>
    problem(409, 'name_taken', { errors: [{ path: 'name', message: 'This name is taken.' }] });
  let revision = 7;
  server
    .on('PATCH /agents/:id', ({ body }) =>
      (body as { name: string }).name === 'Analyst' ? taken() : fakeAgentDetail({ name: 'Nora!' }),
    )
    .on('PUT /agents/:id/draft', ({ body, headers }) => {
      if (headers.get('If-Match') !== `"${revision}"`) return problem(412, 'draft_changed');
      revision += 1;
      return { revision, has_changes: true, definition: body };
    });
  const { user } = renderApp('/agents/a2', server);
  await page();
  const name = screen.getByLabelText('Name');
  await user.clear(name);
  await user.type(name, 'Analyst');
  await user.type(instructions(), ' Truly.');
  await user.click(save());
  expect(await screen.findAllByText('This name is taken.')).not.toHaveLength(0);
  await user.clear(name);
  await user.type(name, 'Nora!');
  await user.click(save());
  await waitFor(() => expect(screen.queryByTestId('save-status')).toBeNull());
  expect(revision).toBe(9);
}, 20_000);

test('a save stands although the page cannot be read again', async () => {
  const server = agentServer(fakeAgentDetail());
  const { user } = renderApp('/agents/a2', server);
  await page();
  await user.type(instructions(), ' Truly.');
  server.on('GET /agents/:id', () => problem(503, 'away'));
  await user.click(save());
  await waitFor(() => expect(screen.queryByTestId('save-status')).toBeNull());
  expect(instructions()).toHaveValue('Be kind. Truly.');
}, 20_000);

test('schemas are part of a save made from within their field', async () => {
  const server = agentServer(fakeAgentDetail()).on('GET /sources', () => ({
    data: [fakeSource({ id: 's2', name: 'Shop', engine: 'postgresql' })],
    next: null,
  }));
  const { user } = renderApp('/agents/a2', server);
  await page();
  const field = await screen.findByLabelText(/^Allowed schemas of Shop/);
  await user.type(field, 'sales, hr');
  expect(field).toHaveValue('sales, hr');
  await user.keyboard('{Control>}s{/Control}');
  await waitFor(() => expect(server.sent('PUT /agents/:id/draft')).toHaveLength(1));
  const [saved] = server.sent('PUT /agents/:id/draft') as [AgentDefinition];
  expect(saved.schemas).toEqual({ s2: ['sales', 'hr'] });
  await user.type(field, ', more');
  await user.click(screen.getByRole('button', { name: 'Undo changes' }));
  await waitFor(() => expect(field).toHaveValue('sales, hr'));
}, 20_000);

test('what was typed and given up no longer keeps from publishing', async () => {
  const server = agentServer(fakeAgentDetail({ has_changes: true }));
  server.on('GET /agents/:id/rules', () => []);
  const { user } = renderApp('/agents/a2', server);
  await page();
  await user.type(instructions(), ' Truly.');
  await user.click(screen.getByRole('tab', { name: 'Always allowed' }));
  await user.click(await screen.findByRole('button', { name: 'Leave' }));
  await waitFor(() => expect(screen.queryByRole('textbox', { name: 'Instructions' })).toBeNull());
  expect(screen.getByRole('button', { name: 'Publish' })).not.toHaveAttribute('aria-disabled');
}, 20_000);

test('a draft that is discarded takes along what was typed on it', async () => {
  const agent = fakeAgentDetail({ has_changes: true });
  const server = agentServer(agent);
  server.on('DELETE /agents/:id/draft', () => {
    const clean = fakeAgentDetail({ has_changes: false, draft_revision: 2 });
    server.on('GET /agents/:id', () => clean);
  });
  const { user } = renderApp('/agents/a2', server);
  await page();
  await user.type(instructions(), ' Truly.');
  await user.click(screen.getByRole('button', { name: 'Actions' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Discard draft' }));
  const asked = await screen.findByRole('dialog', { name: 'Discard draft' });
  await user.click(within(asked).getByRole('button', { name: 'Discard draft' }));
  await waitFor(() => expect(instructions()).toHaveValue('Be kind.'));
  expect(screen.queryByTestId('save-status')).toBeNull();
}, 20_000);

test('an agent that cannot be taken back from the archive says why', async () => {
  const server = agentServer(fakeAgentDetail({ archived_at: '2026-11-18T14:02:00Z' })).on(
    'PATCH /agents/:id',
    () => problem(409, 'name_taken', { title: 'The name is taken' }),
  );
  const { user } = renderApp('/agents/a2', server);
  await page();
  await user.click(screen.getByRole('button', { name: 'Actions' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Bring back' }));
  expect(await screen.findByText('The name is taken')).toBeVisible();
}, 20_000);

test('a model that is gone or not known yet is not called the default one', async () => {
  const draft = fakeDefinition({ model_id: 'gone', fallback_model_id: 'm1' });
  const server = agentServer(fakeAgentDetail({ draft })).on('GET /models', () => ({
    data: [fakeModel()],
    next: null,
  }));
  renderApp('/agents/a2', server);
  await page();
  expect(await screen.findByLabelText('Fallback model')).toHaveDisplayValue('GPT');
  expect(screen.getByRole('combobox', { name: 'Model' })).toHaveDisplayValue(
    'A model that is no longer there',
  );
}, 20_000);

test('the list does not call a model that is gone the default one', async () => {
  const server = agentServer(fakeAgentDetail()).on('GET /agents', () => ({
    data: [fakeAgent({ model_id: 'gone' })],
    next: null,
  }));
  renderApp('/agents', server);
  const row = (await screen.findByRole('link', { name: 'Analyst' })).closest('tr');
  await waitFor(() => expect(row).toHaveTextContent('A model that is no longer there'));
}, 20_000);

test('a source that is gone can be taken out of an agent’s own', async () => {
  const draft = fakeDefinition({ source_ids: ['s1', 'gone'] });
  const server = agentServer(fakeAgentDetail({ draft }));
  const { user } = renderApp('/agents/a2', server);
  await page();
  await user.click(
    await screen.findByRole('checkbox', { name: 'A source that is no longer there' }),
  );
  await user.click(save());
  await waitFor(() => expect(server.sent('PUT /agents/:id/draft')).toHaveLength(1));
  const [saved] = server.sent('PUT /agents/:id/draft') as [AgentDefinition];
  expect(saved.source_ids).toEqual(['s1']);
}, 20_000);

test('the policies stay when the tools cannot be read again', async () => {
  const server = agentServer(fakeAgentDetail());
  const { queryClient } = renderApp('/agents/a2', server);
  await page();
  await screen.findByLabelText('Policy of Look');
  server.on('GET /agents/tools', () => problem(503, 'away'));
  await queryClient.invalidateQueries({ queryKey: ['agents', 'tools'] });
  await screen.findByText('away');
  expect(screen.getByLabelText('Policy of Look')).toBeVisible();
}, 20_000);

test('undone changes take along what was said about saving them', async () => {
  const server = agentServer(fakeAgentDetail()).on('PUT /agents/:id/draft', () =>
    problem(503, 'away'),
  );
  const { user } = renderApp('/agents/a2', server);
  await page();
  await user.type(instructions(), ' Truly.');
  await user.click(save());
  expect(await screen.findByText('away')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Undo changes' }));
  expect(instructions()).toHaveValue('Be kind.');
  expect(screen.queryByText('away')).toBeNull();
}, 20_000);

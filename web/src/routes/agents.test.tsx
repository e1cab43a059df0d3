import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { AgentDefinition } from '@/api/types';
import { fakeDefinition, fakeSession, fakeSource, SCOPES } from '@/testing/fakes';
import { agentServer, fakeAgentDetail, TOOLS } from '@/testing/fakes-agents';
import { renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

const page = async (name = 'Nora') =>
  screen.findByRole('heading', { level: 1, name }, { timeout: 8000 });

test('the list says which agents can answer, and what is not published', async () => {
  const server = agentServer(fakeAgentDetail({ published_version: null, published: null }));
  renderApp('/agents', server);
  const row = (await screen.findByRole('link', { name: 'Nora' }, { timeout: 8000 })).closest('tr');
  expect(row).toHaveTextContent('Not published');
  expect(screen.getByRole('link', { name: 'Analyst' }).closest('tr')).toHaveTextContent(
    'Version 1',
  );
}, 15_000);

test('one save keeps name and draft, from the revision that was shown', async () => {
  const server = agentServer(fakeAgentDetail({ draft_revision: 7 }));
  const { user } = renderApp('/agents/a2', server);
  await page();
  expect(screen.queryByTestId('save-status')).toBeNull();
  await user.type(screen.getByLabelText('Name'), ' II');
  await user.type(screen.getByLabelText(/^Cost in US dollars/), '0.50');
  await user.selectOptions(await screen.findByLabelText('Policy of Look'), 'never');
  await user.keyboard('{Control>}s{/Control}');
  await page('Nora II');
  const [saved] = server.sent('PUT /agents/:id/draft') as [AgentDefinition];
  expect(saved.limits.max_cost_usd).toBe('0.5');
  expect(saved.tools).toEqual({ look: 'never' });
  expect(saved.instructions).toBe('Be kind.');
  expect(server.sent('PATCH /agents/:id')).toEqual([{ name: 'Nora II' }]);
  // What was stored is written a little differently, and that is no unsaved change.
  await waitFor(() => expect(screen.queryByTestId('save-status')).toBeNull());
}, 20_000);

test('what somebody else saves does not take away what is being typed', async () => {
  const server = agentServer(fakeAgentDetail());
  const { user, queryClient } = renderApp('/agents/a2', server);
  await page();
  await user.type(screen.getByLabelText('Name'), '!');
  const theirs = fakeAgentDetail({
    draft_revision: 2,
    draft: fakeDefinition({ instructions: 'Theirs.' }),
  });
  server.on('GET /agents/:id', () => theirs).on('GET /agents/tools', () => TOOLS);
  await queryClient.invalidateQueries({ queryKey: ['agents', 'a2'] });
  expect(screen.getByLabelText('Name')).toHaveValue('Nora!');
  await user.click(screen.getByRole('button', { name: 'Undo changes' }));
  // Nothing is typed any more, so theirs is what there is.
  await waitFor(() =>
    expect(screen.getByRole('textbox', { name: 'Instructions' })).toHaveValue('Theirs.'),
  );
}, 20_000);

test('a policy that is the default is stored as nothing', async () => {
  const draft = fakeDefinition({ tools: { look: 'ask' } });
  const server = agentServer(fakeAgentDetail({ draft }));
  const { user } = renderApp('/agents/a2', server);
  await page();
  const change = await screen.findByLabelText('Policy of Change');
  expect(
    within(change)
      .getAllByRole('option')
      .map((one) => one.textContent),
  ).toEqual(['Ask', 'Never']);
  await user.selectOptions(screen.getByLabelText('Policy of Look'), 'auto');
  await user.click(screen.getByRole('button', { name: 'Save draft' }));
  await waitFor(() => expect(server.sent('PUT /agents/:id/draft')).toHaveLength(1));
  expect((server.sent('PUT /agents/:id/draft') as AgentDefinition[])[0]?.tools).toEqual({});
}, 20_000);

test('what the server refuses lands on its field, and the revision conflict says so', async () => {
  const draft = fakeDefinition({ source_ids: ['gone'] });
  const missing = { errors: [{ path: 'source_ids.0', message: 'There is no such source.' }] };
  let answer = () => problem(404, 'not_found', missing);
  const server = agentServer(fakeAgentDetail({ draft })).on('PUT /agents/:id/draft', () =>
    answer(),
  );
  const { user } = renderApp('/agents/a2', server);
  await page();
  await user.type(screen.getByLabelText('Name'), '!');
  await user.click(screen.getByRole('button', { name: 'Save draft' }));
  expect(await screen.findAllByText('There is no such source.')).not.toHaveLength(0);
  answer = () => problem(412, 'draft_changed');
  await user.click(screen.getByRole('button', { name: 'Save draft' }));
  expect(await screen.findByText('Somebody else has changed this draft.')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Load their version' }));
  await waitFor(() => expect(screen.queryByTestId('save-status')).toBeNull());
  expect(screen.getByLabelText('Name')).toHaveValue('Nora');
}, 20_000);

test('an agent’s own sources and the schemas of a database are chosen', async () => {
  const server = agentServer(fakeAgentDetail()).on('GET /sources', () => ({
    data: [fakeSource(), fakeSource({ id: 's2', name: 'Shop', engine: 'postgresql' })],
    next: null,
  }));
  const { user } = renderApp('/agents/a2', server);
  await page();
  await user.selectOptions(screen.getByRole('combobox', { name: 'Sources' }), 'own');
  expect(screen.queryByLabelText(/^Allowed schemas/)).toBeNull();
  await user.click(await screen.findByRole('checkbox', { name: 'Shop' }));
  await user.type(screen.getByLabelText(/^Allowed schemas of Shop/), 'sales, hr');
  await user.tab();
  await user.click(screen.getByRole('button', { name: 'Save draft' }));
  await waitFor(() => expect(server.sent('PUT /agents/:id/draft')).toHaveLength(1));
  const [saved] = server.sent('PUT /agents/:id/draft') as [AgentDefinition];
  expect(saved.source_ids).toEqual(['s2']);
  expect(saved.schemas).toEqual({ s2: ['sales', 'hr'] });
}, 20_000);

test('publishing names the draft that was seen, and waits for a save', async () => {
  const server = agentServer(fakeAgentDetail({ draft_revision: 4, has_changes: true })).on(
    'POST /agents/:id/publish',
    () => ({ version: 2, note: 'x', published_by: null, created_at: '', current: true }),
  );
  const { user } = renderApp('/agents/a2', server);
  await page();
  await user.type(screen.getByLabelText('Name'), '!');
  await user.click(screen.getByRole('button', { name: 'Publish' }));
  expect(screen.queryByRole('dialog')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Undo changes' }));
  await user.click(screen.getByRole('button', { name: 'Publish' }));
  const dialog = await screen.findByRole('dialog', { name: 'Publish' });
  await user.type(within(dialog).getByLabelText(/^What is new/), 'Better');
  await user.click(within(dialog).getByRole('button', { name: 'Publish' }));
  await waitFor(() =>
    expect(server.sent('POST /agents/:id/publish')).toEqual([{ note: 'Better', revision: 4 }]),
  );
}, 20_000);

test('who may not manage agents reads them', async () => {
  const server = agentServer(fakeAgentDetail()).on('GET /auth/me', () =>
    fakeSession({ role: 'viewer', scopes: SCOPES.filter((scope) => scope !== 'agent:manage') }),
  );
  renderApp('/agents/a2', server);
  await page();
  expect(screen.getByLabelText('Name')).toBeDisabled();
  expect(screen.queryByRole('button', { name: 'Publish' })).toBeNull();
  expect(screen.queryByText('Test chat')).toBeNull();
}, 15_000);

test('what an agent remembers is read, written, changed and forgotten', async () => {
  let kept = [
    {
      id: 'n1',
      content: 'Weeks begin on Sunday.',
      saved_by: 'agent',
      thread_id: 't1',
      created_at: '2026-11-18T14:02:00Z',
      updated_at: '2026-11-18T14:02:00Z',
    },
  ];
  const server = agentServer(fakeAgentDetail({ draft: { ...fakeDefinition(), memory: 'agent' } }))
    .on('GET /agents/:id/notes', () => ({ data: kept, next: null }))
    .on('POST /agents/:id/notes', () => ({}))
    .on('PATCH /agents/:id/notes/:note', () => ({}))
    .on('DELETE /agents/:id/notes/:note', () => {
      kept = [];
    });
  const { user } = renderApp('/agents/a2?tab=memory', server);
  expect(await screen.findByText('Weeks begin on Sunday.')).toBeInTheDocument();
  await user.type(screen.getByLabelText('Add a note'), 'Revenue is net.');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() =>
    expect(server.sent('POST /agents/:id/notes')).toEqual([{ content: 'Revenue is net.' }]),
  );
  await user.click(screen.getByRole('button', { name: /^Edit/ }));
  const note = screen.getByLabelText('Note');
  await user.clear(note);
  await user.type(note, 'On Monday.');
  const [change] = screen.getAllByRole('button', { name: 'Save' });
  if (change) await user.click(change);
  await waitFor(() =>
    expect(server.sent('PATCH /agents/:id/notes/:note')).toEqual([{ content: 'On Monday.' }]),
  );
  await user.click(await screen.findByRole('button', { name: /^Forget/ }));
  expect(await screen.findByText('Nothing yet.')).toBeInTheDocument();
});

test('what the form does not show of a draft survives a save', async () => {
  const draft = { ...fakeDefinition({ report: 'none' }), later: 'kept' };
  const server = agentServer(fakeAgentDetail({ draft }));
  const { user } = renderApp('/agents/a2', server);
  await page();
  expect(screen.getByLabelText('Runs in the background')).toHaveValue('none');
  await user.type(screen.getByLabelText('Name'), '!');
  await user.click(screen.getByRole('button', { name: 'Save draft' }));
  await waitFor(() => expect(server.sent('PUT /agents/:id/draft')).toHaveLength(1));
  expect(server.sent('PUT /agents/:id/draft')[0]).toMatchObject({ report: 'none', later: 'kept' });
}, 20_000);

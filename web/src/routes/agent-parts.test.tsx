import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { fakeAgent, fakeDefinition } from '@/testing/fakes';
import { agentServer, fakeAgentDetail } from '@/testing/fakes-agents';
import { renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

function note(id: string, content: string) {
  const at = '2026-11-18T14:02:00Z';
  return { id, content, saved_by: 'user', thread_id: null, created_at: at, updated_at: at };
}

function withNotes() {
  const kept = [note('n1', 'Net.'), note('n2', 'Euro.')];
  return agentServer(fakeAgentDetail())
    .on('GET /agents/:id/notes', () => ({ data: kept, next: null }))
    .on('PATCH /agents/:id/notes/:note', () => problem(422, 'too_long'));
}

test('a note that is being written outlives one that is forgotten, once', async () => {
  let answer = (): void => undefined;
  const slow = new Promise((resolve) => (answer = () => resolve(null)));
  const server = withNotes();
  const forgotten: string[] = [];
  server.on('DELETE /agents/:id/notes/:note', async ({ params }) => {
    forgotten.push(params.note ?? '');
    await slow;
    server.on('GET /agents/:id/notes', () => ({ data: [note('n2', 'Euro.')], next: null }));
  });
  const { user } = renderApp('/agents/a2?tab=memory', server);
  await user.type(await screen.findByLabelText('Add a note'), 'Weeks begin');
  await user.dblClick(await screen.findByRole('button', { name: 'Forget “Net.”' }));
  answer();
  await waitFor(() => expect(screen.queryByText('Net.')).toBeNull());
  expect(screen.getByLabelText('Add a note')).toHaveValue('Weeks begin');
  expect(forgotten).toEqual(['n1']);
  expect(screen.getByRole('heading', { level: 1 })).toHaveFocus();
}, 20_000);

test('focus follows a note into its field and back', async () => {
  const { user } = renderApp('/agents/a2?tab=memory', withNotes());
  await user.click(await screen.findByRole('button', { name: 'Edit “Net.”' }));
  expect(screen.getByLabelText('Note')).toHaveFocus();
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(screen.getByRole('button', { name: 'Edit “Net.”' })).toHaveFocus();
}, 20_000);

test('what is wrong with a note is said at the note', async () => {
  const { user } = renderApp('/agents/a2?tab=memory', withNotes());
  await user.click(await screen.findByRole('button', { name: 'Edit “Euro.”' }));
  await user.type(screen.getByLabelText('Note'), ' Always.{Enter}');
  const said = await screen.findByText('too_long');
  const field = screen.getByLabelText('Note');
  expect(field).toHaveValue('Euro. Always.');
  expect(field.closest('li')).toContainElement(said);
}, 20_000);

test('a question of a test is asked once', async () => {
  const draft = fakeDefinition({ starters: ['How many?'] });
  const server = agentServer(fakeAgentDetail({ draft })).on(
    'POST /threads',
    () => new Promise(() => undefined),
  );
  const { user } = renderApp('/agents/a2', server);
  await user.dblClick(await screen.findByRole('button', { name: 'How many?' }));
  expect(server.sent('POST /threads')).toHaveLength(1);
}, 20_000);

test('focus is not lost with a rule that is deleted', async () => {
  const at = '2026-11-18T14:02:00Z';
  const rule = { id: 'r1', number: 1, sentence: 'It may look.', holds: true, why_not: null };
  const saved = { saved_by: { name: 'Dana' }, created_at: at, uses: 0, last_used_at: null };
  const server = agentServer(fakeAgentDetail())
    .on('GET /agents/:id/rules', () => [{ ...rule, ...saved, request_id: null }])
    .on('DELETE /agents/:id/rules/:rule', () => {
      server.on('GET /agents/:id/rules', () => []);
    });
  const { user } = renderApp('/agents/a2?tab=rules', server);
  await user.click(await screen.findByRole('button', { name: 'Delete rule 1' }));
  const asked = within(screen.getByRole('dialog'));
  await user.click(asked.getByRole('button', { name: 'Delete' }));
  await waitFor(() => expect(screen.queryByText('It may look.')).toBeNull());
  await waitFor(() => expect(screen.getByRole('heading', { level: 1 })).toHaveFocus());
}, 20_000);

test('a test that is left while it begins leaves nothing behind', async () => {
  let answer = (): void => undefined;
  const made = new Promise((resolve) => (answer = () => resolve({ id: 't9' })));
  const draft = fakeDefinition({ starters: ['How many?'] });
  const server = agentServer(fakeAgentDetail({ draft }))
    .on('POST /threads', () => made)
    .on('POST /threads/:id/messages', () => ({}))
    .on('DELETE /threads/:id', () => undefined);
  const { user, router } = renderApp('/agents/a2', server);
  await user.click(await screen.findByRole('button', { name: 'How many?' }));
  await router.navigate({ to: '/agents' });
  await screen.findByRole('heading', { level: 1, name: 'Agents' });
  answer();
  await waitFor(() => expect(server.sent('DELETE /threads/:id')).toHaveLength(1));
}, 20_000);

test('what is published is the draft that the dialog was opened with', async () => {
  const agent = fakeAgentDetail({ draft_revision: 4, has_changes: true });
  const server = agentServer(agent).on('POST /agents/:id/publish', () => problem(412, 'changed'));
  const { user, queryClient } = renderApp('/agents/a2', server);
  await user.click(await screen.findByRole('button', { name: 'Publish' }));
  server.on('GET /agents/:id', () => ({ ...agent, draft_revision: 5 }));
  await queryClient.invalidateQueries({ queryKey: ['agents', 'a2'] });
  const dialog = within(await screen.findByRole('dialog', { name: 'Publish' }));
  await user.click(dialog.getByRole('button', { name: 'Publish' }));
  await waitFor(() =>
    expect(server.sent('POST /agents/:id/publish')).toEqual([{ note: '', revision: 4 }]),
  );
}, 20_000);

test('agents that come after the dialog do not count as typed', async () => {
  let answer = (): void => undefined;
  const slow = new Promise((resolve) => (answer = () => resolve(null)));
  const server = agentServer(fakeAgentDetail()).on('GET /agents', async () => {
    await slow;
    return { data: [fakeAgent()], next: null };
  });
  const { user } = renderApp('/agents', server);
  await user.click(await screen.findByRole('button', { name: 'New agent' }));
  answer();
  await screen.findByRole('option', { name: 'Analyst' });
  await user.click(screen.getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
}, 20_000);

test('archived agents that cannot be listed are not taken for none', async () => {
  const server = agentServer(fakeAgentDetail()).on('GET /agents', ({ query }) =>
    query.has('archived') ? problem(503, 'away') : { data: [fakeAgent()], next: null },
  );
  renderApp('/agents', server);
  expect(await screen.findByText('away')).toBeVisible();
}, 20_000);

test('an agent that is made after its dialog was closed takes nobody along', async () => {
  let answer = (): void => undefined;
  const slow = new Promise((resolve) => (answer = () => resolve(null)));
  let listed = [fakeAgent()];
  const server = agentServer(fakeAgentDetail())
    .on('GET /agents', ({ query }) => ({ data: query.has('archived') ? [] : listed, next: null }))
    .on('POST /agents', async () => {
      await slow;
      listed = [fakeAgent(), fakeAgent({ id: 'a3', name: 'Late' })];
      return fakeAgentDetail({ id: 'a3', name: 'Late' });
    });
  const { user, router } = renderApp('/agents', server);
  await user.click(await screen.findByRole('button', { name: 'New agent' }));
  await user.type(screen.getByLabelText('Name'), 'Late{Enter}');
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  answer();
  const row = await screen.findByRole('link', { name: 'Late' });
  await user.hover(row);
  expect(router.state.location.pathname).toBe('/agents');
}, 20_000);

import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { AgentTool } from '@/api/types';
import { fakeAgent, fakeDefinition, fakeModel } from '@/testing/fakes';
import { fakeServer, renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

const CHANGE: AgentTool = {
  name: 'change',
  title: 'Change',
  description: 'Changes.',
  effect: 'write',
  partition: 'data',
  contexts: ['chat'],
  default: 'ask',
  policies: ['ask', 'never'],
};

test('what differs between versions is said in the words of the form', async () => {
  const changes = [
    { path: 'model_id', kind: 'added', before: null, after: 'm1' },
    { path: 'tools.change', kind: 'changed', before: null, after: 'never' },
    { path: 'limits.max_rows', kind: 'changed', before: 500, after: 10_000 },
    { path: 'source_ids', kind: 'added', before: null, after: ['s1', 'gone'] },
    { path: 'workflow', kind: 'changed', before: 'plain', after: 'analyst' },
  ];
  const agent = fakeAgent();
  const draft = fakeDefinition();
  const server = fakeServer()
    .on('GET /agents/:id', () => ({ ...agent, draft, published: draft }))
    .on('GET /agents/tools', () => ({ data: [CHANGE], next: null }))
    .on('GET /models', () => ({ data: [fakeModel()], next: null }))
    .on('GET /agents/:id/versions', () => ({
      data: [
        {
          version: 1,
          note: '',
          published_by: null,
          created_at: '2026-11-18T14:02:00Z',
          current: true,
        },
      ],
      next: null,
    }))
    .on('GET /agents/:id/diff', () => ({ from: '1', to: 'draft', changes, lines: [] }));
  renderApp('/agents/a1?tab=versions', server);
  const table = await screen.findByRole('table', { name: 'Compare' }, { timeout: 8000 });
  await waitFor(() =>
    expect(
      within(table)
        .getAllByRole('row')
        .slice(1)
        .map((row) => [...row.children].map((cell) => cell.textContent).join(' | ')),
    ).toEqual([
      'Model | Organization default | GPT',
      'Policy of Change | As usual for its kind | Never',
      'Rows of a result | 500 | 10,000',
      'Sources | Those of the chat | Retail sample · no longer there',
      'How it answers | In one loop | Sorted, then answered',
    ]),
  );
}, 20_000);

/** An agent with one version and a draft that differs from it. */
function changedAgent() {
  const draft = fakeDefinition();
  const version = { version: 1, note: '', published_by: null, current: true };
  return fakeServer()
    .on('GET /agents/:id', () => ({ ...fakeAgent(), draft, published: draft, has_changes: true }))
    .on('GET /agents/tools', () => ({ data: [CHANGE], next: null }))
    .on('GET /agents/:id/versions', () => [{ ...version, created_at: '2026-11-18T14:02:00Z' }])
    .on('GET /agents/:id/diff', () => ({ from: '1', to: 'draft', changes: [], lines: [] }))
    .on('POST /agents/:id/restore', () => ({ revision: 2, has_changes: false, definition: draft }));
}

test('a draft with changes is not replaced by an earlier version without a question', async () => {
  const { user, server } = renderApp('/agents/a1?tab=versions', changedAgent());
  await user.click(await screen.findByRole('button', { name: 'Restore as draft' }));
  expect(server.sent('POST /agents/:id/restore')).toEqual([]);
  const asked = await screen.findByRole('dialog');
  await user.click(within(asked).getByRole('button', { name: 'Restore as draft' }));
  await waitFor(() => expect(server.sent('POST /agents/:id/restore')).toEqual([{ version: 1 }]));
}, 20_000);

test('the versions stay when they cannot be read again', async () => {
  const { server, queryClient } = renderApp('/agents/a1?tab=versions', changedAgent());
  await screen.findByRole('region', { name: 'Compare' });
  server.on('GET /agents/:id/versions', () => problem(503, 'away'));
  await queryClient.invalidateQueries({ queryKey: ['agents', 'a1', 'versions'] });
  expect(await screen.findByText('away')).toBeVisible();
  expect(screen.getByRole('region', { name: 'Compare' })).toBeVisible();
}, 20_000);

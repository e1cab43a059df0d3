import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { AgentTool } from '@/api/types';
import { fakeAgent, fakeDefinition, fakeModel } from '@/testing/fakes';
import { fakeServer, renderApp } from '@/testing/render';

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

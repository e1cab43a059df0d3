import type { AgentDefinition, AgentDetail, AgentTool } from '@/api/types';
import { fakeAgent, fakeDefinition } from './fakes';
import { fakeServer } from './render';

export const TOOLS: AgentTool[] = [
  {
    name: 'look',
    title: 'Look',
    description: 'Looks.',
    effect: 'read',
    partition: 'data',
    contexts: ['chat', 'background'],
    default: 'auto',
    policies: ['auto', 'ask', 'never'],
  },
  {
    name: 'change',
    title: 'Change',
    description: 'Changes.',
    effect: 'write',
    partition: 'data',
    contexts: ['chat'],
    default: 'ask',
    policies: ['ask', 'never'],
  },
];

export function fakeAgentDetail(changes: Partial<AgentDetail> = {}): AgentDetail {
  const draft = fakeDefinition();
  return {
    ...fakeAgent({ id: 'a2', name: 'Nora', builtin: false }),
    draft,
    published: draft,
    ...changes,
  };
}

/** A server that keeps the draft, as the real one does. */
export function agentServer(agent: AgentDetail) {
  let now = agent;
  return fakeServer()
    .on('GET /agents', () => ({ data: [fakeAgent(), now], next: null }))
    .on('GET /agents/:id', () => now)
    .on('GET /agents/tools', () => ({ data: TOOLS, next: null }))
    .on('PATCH /agents/:id', ({ body }) => (now = { ...now, ...(body as object) }))
    .on('PUT /agents/:id/draft', ({ body }) => {
      const definition = body as AgentDefinition;
      now = {
        ...now,
        draft: definition,
        draft_revision: now.draft_revision + 1,
        has_changes: true,
      };
      return { revision: now.draft_revision, has_changes: true, definition };
    });
}

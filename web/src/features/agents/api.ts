import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { api, request } from '@/api/client';
import type {
  Agent,
  AgentDefinition,
  AgentDetail,
  AgentDiff,
  AgentDraft,
  AgentInput,
  AgentPatch,
  AgentTool,
  AgentVersion,
  Page,
} from '@/api/types';

export const agentQuery = (id: string) =>
  queryOptions({
    queryKey: ['agents', id],
    queryFn: ({ signal }) => api.get<AgentDetail>(`/agents/${id}`, { signal }),
  });

export const archivedQuery = queryOptions({
  queryKey: ['agents', 'archived'],
  queryFn: ({ signal }) => api.get<Page<Agent>>('/agents', { query: { archived: true }, signal }),
});

export const toolsQuery = queryOptions({
  queryKey: ['agents', 'tools'],
  queryFn: ({ signal }) => api.list<AgentTool>('/agents/tools', { signal }),
  staleTime: Infinity,
});

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['agents', id, 'versions'],
    queryFn: ({ signal }) => api.list<AgentVersion>(`/agents/${id}/versions`, { signal }),
  });

/** Compares two versions, or a version and the draft. `revision` makes a new draft a new answer. */
export const diffQuery = (id: string, from: string, to: string, revision: number) =>
  queryOptions({
    queryKey: ['agents', id, 'diff', from, to, revision],
    queryFn: ({ signal }) =>
      api.get<AgentDiff>(`/agents/${id}/diff`, { query: { from, to }, signal }),
    placeholderData: (previous) => previous,
  });

export const createAgent = (input: AgentInput) => api.post<AgentDetail>('/agents', input);
export const patchAgent = (id: string, patch: AgentPatch) =>
  api.patch<AgentDetail>(`/agents/${id}`, patch);
export const archiveAgent = (id: string) => api.delete(`/agents/${id}`);
export const discardDraft = async (id: string) => {
  await api.delete(`/agents/${id}/draft`);
};
export const restoreVersion = (id: string, version: number) =>
  api.post<AgentDraft>(`/agents/${id}/restore`, { version });
export const publishAgent = (id: string, note: string, revision: number) =>
  api.post<AgentVersion>(`/agents/${id}/publish`, { note, revision });

/** Saves the draft if nobody else has since `revision`. */
export async function saveDraft(
  id: string,
  definition: AgentDefinition,
  revision: number,
): Promise<AgentDraft> {
  const headers = { 'If-Match': `"${revision}"` };
  const response = await request('PUT', `/agents/${id}/draft`, definition, { headers });
  return (await response.json()) as AgentDraft;
}

/** The agent as YAML, as `datelier agent edit` takes it. */
export async function agentYaml(id: string): Promise<string> {
  const response = await request('GET', `/agents/${id}/export`);
  return response.text();
}

/** After any change: the list, the page and the chips of the composer read again. */
export function useAgentsChanged(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['agents'] });
}

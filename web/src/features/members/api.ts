import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { ApiToken, CreatedToken, Invite, Member, Role } from '@/api/types';

export const invitesQuery = queryOptions({
  queryKey: ['invites'],
  queryFn: ({ signal }) => api.list<Invite>('/invites', { signal }),
});

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: ({ signal }) => api.list<ApiToken>('/tokens', { signal }),
});

export const setRole = (id: string, role: Role) => api.patch<Member>(`/members/${id}`, { role });
export const removeMember = (id: string) => api.delete(`/members/${id}`);
export const createInvite = (input: { email?: string; role: Role }) =>
  api.post<Invite>('/invites', input);
export const revokeInvite = (id: string) => api.delete(`/invites/${id}`);

export interface TokenInput {
  name: string;
  expires_in_days: number;
}
export const createToken = (input: TokenInput) => api.post<CreatedToken>('/tokens', input);
export const revokeToken = (id: string) => api.delete(`/tokens/${id}`);

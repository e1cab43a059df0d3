import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { sessionQuery } from '@/api/resources';
import type { LoginInput, ResetInput, Session, SignupInput } from '@/api/types';

export const login = (input: LoginInput) => api.post<Session>('/auth/login', input);
export const signup = (input: SignupInput) => api.post<Session>('/auth/signup', input);
export const reset = (input: ResetInput) => api.post<Session>('/auth/reset', input);

/** Makes the answer of a sign-in the session everything else reads. */
export function useStartSession(): (session: Session) => void {
  const queryClient = useQueryClient();
  return (session) => {
    // What was read as somebody else goes; whether the server is set up is nobody's.
    queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== 'setup' });
    queryClient.setQueryData(sessionQuery.queryKey, session);
  };
}

export type Role = 'owner' | 'admin' | 'builder' | 'analyst' | 'viewer';

export interface User {
  id: string;
  name: string;
  email: string;
}

export interface Session {
  user: User;
  organization: { id: string; name: string; slug: string };
  role: Role;
  scopes: string[];
}

export interface SetupState {
  needs_setup: boolean;
  version: string;
}

export interface SignupInput {
  name: string;
  email: string;
  password: string;
  setup_token?: string;
  invite_token?: string;
  organization?: string;
}

export interface LoginInput {
  email: string;
  password: string;
}

export interface ResetInput {
  reset_token: string;
  password: string;
}

export interface Member {
  id: string;
  user: User;
  role: Role;
  last_active_at?: string | null;
}

export interface Invite {
  id: string;
  /** Only in the answer that created it. */
  url?: string;
  role: Role;
  email?: string | null;
  expires_at: string;
}

export interface ApiToken {
  id: string;
  name: string;
  prefix: string;
  scopes?: string[];
  created_at?: string;
  expires_at?: string | null;
  last_used_at?: string | null;
}

export interface CreatedToken extends ApiToken {
  /** Shown once; the server keeps a hash only. */
  token: string;
}

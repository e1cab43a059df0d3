import type { Engine } from './sources';

/** A source whose settings and secret only the worker has. */
export interface HeldSource {
  name: string;
  engine: Engine;
}

export type WorkerState = 'online' | 'draining' | 'offline';
export type WorkerHealth = 'ok' | 'failing' | 'away';

export interface Worker {
  id: string;
  number: number;
  name: string;
  host?: string | null;
  state: WorkerState;
  health: WorkerHealth;
  version?: string | null;
  /** Which side runs an older version. */
  upgrade?: 'worker' | 'server' | null;
  engines: string[];
  sources: HeldSource[];
  slots?: number | null;
  load?: number | null;
  /** Belongs to the installation and serves every organization. */
  platform: boolean;
  connected_at?: string | null;
  last_seen_at?: string | null;
  last_error?: string | null;
  last_error_at?: string | null;
  created_at: string;
}

/** Shown once; works once, until `expires_at`. */
export interface WorkerJoin {
  id: string;
  name: string;
  token: string;
  expires_at: string;
  server: string;
  command: string;
  loopback_only: boolean;
}

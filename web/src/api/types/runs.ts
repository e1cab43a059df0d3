import type { RunStatus, Usage } from './threads';

export interface Run {
  id: string;
  thread_id: string;
  message_id: string;
  status: RunStatus;
  attempt: number;
  created_at: string;
  started_at?: string | null;
  finished_at?: string | null;
  model?: { id: string; name: string } | null;
  usage?: Usage | null;
  cost?: string | null;
  error?: { code: string; message: string; hint?: string | null } | null;
  queue_position?: number | null;
}

import type { RunFailure, RunStatus, Usage } from './threads';

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
  error?: RunFailure | null;
  /** Place in the queue while it waits, 1 for the next. */
  queue_position?: number | null;
}

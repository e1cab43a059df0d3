/** `cost` is a decimal string in US dollars; null when a price is unknown. */
export interface Usage {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cost?: string | null;
}

export type RunStatus =
  'queued' | 'running' | 'waiting' | 'paused' | 'succeeded' | 'failed' | 'cancelled';

export interface Thread {
  id: string;
  number: number;
  kind: 'chat' | 'test' | 'background';
  title: string;
  agent_id: string;
  model_id?: string | null;
  source_ids: string[];
  /** `waiting` is for a person's decision. */
  active_run?: { id: string; status: RunStatus } | null;
  /** How the last answer stands; null before the first. */
  last_status?: MessageStatus | null;
  last_message_at?: string | null;
  created_at: string;
  updated_at: string;
  usage: Usage;
  url: string;
}

export interface ThreadInput {
  id?: string;
  kind?: 'chat' | 'test';
  title?: string;
  source_ids?: string[];
  model_id?: string;
  agent_id?: string;
}

export interface ThreadPatch {
  title?: string;
  model_id?: string | null;
  source_ids?: string[];
  agent_id?: string;
}

export type MessageStatus = 'complete' | 'running' | 'queued' | 'stopped' | 'failed';

export interface RunFailure {
  code: string;
  message: string;
  hint?: string | null;
  /** What the server's log calls this failure. */
  error_id?: string | null;
}

export interface MessageMetadata {
  model?: { id: string; name: string } | null;
  agent?: { id: string; name: string } | null;
  usage?: Usage | null;
  cost?: string | null;
  started_at?: string | null;
  finished_at?: string | null;
  error?: RunFailure | null;
}

export interface Message<Part = { type: string }> {
  id: string;
  parent_id?: string | null;
  role: 'user' | 'assistant';
  parts: Part[];
  run_id?: string | null;
  status: MessageStatus;
  author?: { kind?: string; id?: string; name: string } | null;
  metadata: MessageMetadata;
  created_at: string;
}

export interface MessageInput {
  text: string;
  mode?: 'queue' | 'send_now';
  model_id?: string;
  source_ids?: string[];
}

export interface MessageAccepted {
  message_id: string;
  run_id: string;
  thread_id: string;
  queued: boolean;
  ahead: number;
}

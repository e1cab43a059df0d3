import type { RunFailure, RunStatus, Usage } from './threads';

export interface Run {
  id: string;
  thread_id: string | null;
  message_id: string | null;
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

export type RunKind = 'chat' | 'background' | 'test';

interface Named {
  id: string;
  name: string;
}

/** A run with what people need to recognise it. */
export interface RunRow extends Run {
  kind: RunKind;
  graph: string;
  /** The question or the goal. */
  title: string;
  thread_title: string | null;
  agent: (Named & { version: number | null }) | null;
  sources: Named[];
  started_by: { kind: string; name: string };
  /** Whether the caller may stop it or run it again. */
  mine: boolean;
  /** What is known of a cost that is not known as a whole. */
  cost_at_least: string | null;
  step_count: number | null;
  error_count: number | null;
  rerun_of: string | null;
  last_seq: number;
}

export interface RunHistogramBar {
  at: string;
  succeeded: number;
  failed: number;
  cancelled: number;
  active: number;
}

export interface RunHistogram {
  since: string;
  until: string;
  bucket_seconds: number;
  bars: RunHistogramBar[];
  total: number;
}

export type StepKind = 'queue' | 'step' | 'attempt' | 'model' | 'tool' | 'wait';
export type StepStatus = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'withdrawn';

/** One row of a run's tree; tokens and cost are its own, null is unknown. */
export interface RunStep {
  id: string;
  parent_id: string | null;
  kind: StepKind;
  name: string;
  title: string | null;
  status: StepStatus;
  attempt: number;
  attempts: number;
  started_at: string;
  finished_at: string | null;
  duration_ms: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cost: string | null;
  /** Model calls that were counted. */
  calls: number;
  error: string | null;
  query: { query_id: string; version: number; handle: string; source_id: string | null } | null;
  request_id: string | null;
  tool_call_id: string | null;
  first_seq: number;
  last_seq: number;
}

export interface RunNote {
  seq: number;
  at: string;
  step_id: string | null;
  kind: 'stage' | 'note' | 'error' | 'reset' | 'end';
  text: string;
}

export interface RunSteps {
  run_id: string;
  steps: RunStep[];
  notes: RunNote[];
  /** Rows there are; `steps` holds the first of them. */
  total: number;
  truncated: boolean;
  last_seq: number;
  now: string;
}

/** A JSON value, or the beginning of its text where it is large. */
export interface StepValue {
  value: unknown;
  text: string | null;
  bytes: number;
  cut: boolean;
}

export interface StepDetail {
  step: RunStep;
  input: StepValue | null;
  output: StepValue | null;
  notes: RunNote[];
}

/** One call with an effect outside of the platform, as the ledger has it. */
export interface RunEffect {
  id: string;
  run_id: string;
  tool_call_id: string;
  kind: 'sql' | 'http';
  state: 'intended' | 'done' | 'not_done' | 'unknown';
  source_id: string | null;
  detail: Record<string, unknown>;
  outcome: Record<string, unknown> | null;
  note: string;
  created_at: string;
  settled_at: string | null;
  allowed_by: { kind: 'request' | 'rule'; id: string; number: number; by: string } | null;
}

export type RequestKind = 'approval' | 'question' | 'review' | 'problem' | 'finished' | 'mention';

export type RequestStatus =
  | 'pending'
  | 'approved'
  | 'edited'
  | 'rejected'
  | 'responded'
  | 'expired'
  | 'withdrawn'
  | 'superseded';

export type Risk = 'read' | 'write' | 'external' | 'destructive' | 'spend';
export type DecisionType = 'approve' | 'edit' | 'reject' | 'respond';
export type RequestView = 'needs_me' | 'assigned' | 'open' | 'snoozed' | 'done';

/** As much of JSON Schema as tools use. */
export interface JsonSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  format?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  contentMediaType?: string;
}

export interface RequestAction {
  id: string;
  name: string;
  title: string | null;
  args: unknown;
  args_schema: JsonSchema | null;
  response_schema: JsonSchema | null;
  description: string | null;
  tool_call_id: string | null;
  allow: Record<DecisionType, boolean>;
}

interface Ref {
  id: string | null;
  name: string;
}

/** Something that waits for a person, or waited. */
export interface InboxRequest {
  id: string;
  number: number;
  kind: RequestKind;
  status: RequestStatus;
  title: string;
  description: string;
  reason: string;
  rule: string;
  risk: Risk;
  dialect: string;
  actions: RequestAction[];
  preview: Record<string, unknown> | null;
  run_id: string | null;
  step_id: string | null;
  thread_id: string | null;
  agent: Ref | null;
  source: Ref | null;
  owner: Ref | null;
  assignee: Ref | null;
  requires: number;
  approvals: number;
  excludes_owner: boolean;
  created_at: string;
  expires_at: string | null;
  on_expiry: 'reject' | 'escalate' | 'keep';
  snoozed_until: string | null;
  escalated_at: string | null;
  read_at: string | null;
  decided_at: string | null;
  decided_by: Ref | null;
  /** Why nobody can decide any more, where no person did. */
  note: string;
  revision: number;
  correlation_id: string;
  may_decide: boolean;
}

export interface ActionDecision {
  action_id: string;
  type: DecisionType;
  args?: unknown;
  message?: string | null;
}

export interface DecisionInput {
  decision_id: string;
  revision: number;
  decisions: ActionDecision[];
}

export interface InboxDetail extends InboxRequest {
  envelope: unknown;
  decisions: {
    decision_id: string;
    by: Ref;
    at: string;
    type: DecisionType;
    decisions: ActionDecision[];
    before: number;
    after: number;
  }[];
  history: { at: string; by: string; what: string; detail: Record<string, unknown> }[];
  similar: {
    id: string;
    number: number;
    title: string;
    status: RequestStatus;
    decided_at: string;
    decided_by: string | null;
    message: string | null;
  }[];
}

export interface BulkResult {
  id: string;
  ok: boolean;
  status: RequestStatus;
  code: string | null;
  message: string | null;
}

/** What a rule is about; it covers calls that name nothing else. */
export interface RuleTerms {
  tool: string;
  title: string;
  /** Verb and table of a statement; method and host of a request. */
  exact: Record<string, string>;
  /** Columns set, other tables read: a covered call uses no others. */
  within: Record<string, string[]>;
  source: Ref | null;
  sentence: string;
}

/** The rule that would be saved from a request. */
export interface RuleProposal extends RuleTerms {
  agent: Ref;
  /** How many rows the shown call changes; null where it changes none. */
  rows: number | null;
  asks_after_reading: boolean;
}

/** A standing approval of an agent's calls. */
export interface ApprovalRule extends RuleTerms {
  id: string;
  number: number;
  agent_id: string;
  max_rows: number | null;
  after_reading: boolean;
  request_id: string | null;
  saved_by: Ref;
  created_at: string;
  uses: number;
  last_used_at: string | null;
  holds: boolean;
  why_not: string | null;
}

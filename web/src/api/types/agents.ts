export type ToolPolicy = 'auto' | 'ask' | 'never';
export type ToolEffect = 'read' | 'write' | 'external' | 'destructive' | 'spend';
export type NumberPolicy = 'allow' | 'warn' | 'block';
export type AgentReport = 'all' | 'problems' | 'none';
export type AgentWorkflow = 'plain' | 'analyst';

/** Everything that decides how an agent answers; null is the installation's own value. */
export interface AgentDefinition {
  instructions: string;
  model_id: string | null;
  fallback_model_id: string | null;
  workflow: AgentWorkflow;
  /** The model that sorts questions; null for the one that answers. */
  routing_model_id: string | null;
  /** What `@name` in a question does. */
  mentions: Record<string, { intent: string; partition: string | null }>;
  parameters: {
    temperature: number | null;
    top_p: number | null;
    max_output_tokens: number | null;
    seed: number | null;
  };
  tools: Record<string, ToolPolicy>;
  source_ids: string[] | null;
  /** Allowed schemas by source. */
  schemas: Record<string, string[]>;
  limits: {
    max_steps: number | null;
    max_seconds: number | null;
    max_rows: number | null;
    /** A decimal string in US dollars. */
    max_cost_usd: string | null;
  };
  starters: string[];
  memory: 'off' | 'agent';
  numbers: NumberPolicy;
  /** What reaches the inbox when a run in the background has ended. */
  report: AgentReport;
}

export type AgentVisibility = 'organization' | 'private';

export interface Agent {
  id: string;
  number: number;
  name: string;
  slug: string;
  description: string;
  visibility: AgentVisibility;
  owner: { id: string; name: string } | null;
  builtin: boolean;
  published_version: number | null;
  draft_revision: number;
  /** The draft differs from what is published. */
  has_changes: boolean;
  model_id: string | null;
  source_ids: string[] | null;
  starters: string[];
  archived_at: string | null;
  last_run_at: string | null;
  created_at: string;
  updated_at: string;
}

export interface AgentDetail extends Agent {
  draft: AgentDefinition;
  published: AgentDefinition | null;
}

export interface AgentInput {
  name: string;
  description?: string;
  copy_of_agent_id?: string;
}

export interface AgentPatch {
  name?: string;
  description?: string;
  visibility?: AgentVisibility;
  archived?: boolean;
}

export interface AgentDraft {
  revision: number;
  has_changes: boolean;
  definition: AgentDefinition;
}

export interface AgentVersion {
  version: number;
  note: string;
  published_by: { id: string; name: string } | null;
  created_at: string;
  current: boolean;
}

export interface AgentChange {
  path: string;
  kind: 'added' | 'removed' | 'changed';
  before: unknown;
  after: unknown;
}

export interface AgentLine {
  kind: 'same' | 'removed' | 'added';
  text: string;
  before: number | null;
  after: number | null;
}

export interface AgentDiff {
  from: string;
  to: string;
  changes: AgentChange[];
  lines: AgentLine[];
}

export interface AgentTool {
  name: string;
  title: string;
  description: string;
  effect: ToolEffect;
  partition: string;
  contexts: ('chat' | 'background')[];
  default: ToolPolicy;
  policies: ToolPolicy[];
}

import type {
  AnswerCard,
  DefinitionData,
  FollowUpsData,
  IntentData,
  NodeUsage,
  OptionsData,
  RefusalData,
  ThinkingData,
} from './answer-parts';
import type { Citation } from './citations';
import type {
  ChartFigure,
  DocumentKind,
  QueryVersion,
  RequestKind,
  RequestStatus,
  Risk,
} from './types';

export type { Citation, CitedCell } from './citations';

/** One part of a run's log as it travels: AI SDK UI message stream v1 plus `data-*`. */
export interface RunPart {
  type: string;
  [key: string]: unknown;
}

/** A log entry; `seq` grows strictly within a run. */
export type RunEntry = readonly [seq: number, part: RunPart];

export interface StepStartPart {
  type: 'step-start';
}

export interface TextPart {
  type: 'text';
  text: string;
  state: 'streaming' | 'done';
}

export interface ReasoningPart {
  type: 'reasoning';
  text: string;
  state: 'streaming' | 'done';
}

export type ToolState =
  'input-streaming' | 'input-available' | 'output-available' | 'output-error' | 'output-denied';

export interface ToolPart {
  type: 'dynamic-tool';
  toolName: string;
  toolCallId: string;
  state: ToolState;
  /** `null` until the arguments are complete. */
  input: unknown;
  title?: string;
  output?: unknown;
  errorText?: string;
}

export type Stage =
  | 'queued'
  | 'thinking'
  | 'running_query'
  | 'drawing'
  | 'writing'
  | 'waiting'
  | 'routing'
  | 'interpreting'
  | 'retrieving'
  | 'generating';

export interface StageData {
  stage: Stage;
  label: string;
  /** ISO 8601, server clock. */
  at: string;
}

export interface ChartRef {
  chart_id: string;
  handle: string;
  title: string;
  version: number;
  result_id: string;
  query_handle: string;
  query_version: number;
  /** Receipts of its figures, as they were when it was drawn; answers of before have none. */
  figures?: ChartFigure[];
}

export interface DocumentRef {
  document_id: string;
  handle: string;
  title: string;
  kind: DocumentKind;
  version: number;
}

export interface UsageData {
  input_tokens?: number | null;
  output_tokens?: number | null;
  /** USD as a decimal string; null or absent when the price is unknown. */
  cost?: string | null;
  /** Of each step of a graph that has several. */
  by_node?: Record<string, NodeUsage>;
}

/** A request as it stands in a run's log. */
export interface RequestData {
  id: string;
  number: number;
  kind: RequestKind;
  status: RequestStatus;
  title: string;
  risk: Risk;
  revision: number;
  actions: { id: string; name: string; args: unknown; tool_call_id: string | null }[];
  decided_by: string | null;
  decided_at: string | null;
  note: string | null;
}

export interface NumbersData {
  traced: number;
  total: number;
}

interface DataTypes {
  'data-citation': Citation;
  'data-numbers': NumbersData;
  'data-stage': StageData;
  'data-query': QueryVersion;
  'data-chart': ChartRef;
  'data-document': DocumentRef;
  'data-usage': UsageData;
  'data-step-note': { text: string };
  'data-request': RequestData;
  'data-intent': IntentData;
  'data-thinking': ThinkingData;
  'data-card': AnswerCard;
  'data-followups': FollowUpsData;
  'data-options': OptionsData;
  'data-refusal': RefusalData;
  'data-definition': DefinitionData;
}

export interface DataPart<K extends keyof DataTypes = keyof DataTypes> {
  type: K;
  id?: string;
  data: DataTypes[K];
}

type AnyDataPart = { [K in keyof DataTypes]: DataPart<K> }[keyof DataTypes];

/** One part of a folded message, the lasting form of a finished run. */
export type Part = StepStartPart | TextPart | ReasoningPart | ToolPart | AnyDataPart;

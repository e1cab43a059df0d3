/** Parts of answers beside text, queries and charts: what was understood, cards, ways to go on. */

export type Intent =
  'quick_answer' | 'research' | 'explain' | 'clarify' | 'out_of_scope' | 'direct';

/** How a question was read, and who read it. */
export interface IntentData {
  intent: Intent;
  reasoning: string;
  /** From 0 to 1; null where nobody was sure of anything. */
  confidence: number | null;
  language: string;
  missing_slots: string[];
  by: 'model' | 'forced' | 'mention' | 'fallback';
}

/** What a step said to itself; never part of the answer. */
export interface ThinkingData {
  node: string;
  text: string;
  status: 'running' | 'done';
}

export interface CardValue {
  /** As its reader writes it. */
  text: string;
  /** As stored. */
  raw: string;
  ref: {
    query_id: string;
    version: number;
    row: number;
    column: string;
    key: Record<string, string>;
  };
}

export interface CardDelta {
  text: string;
  percent_text: string | null;
  minuend: CardValue;
  subtrahend: CardValue;
  formula: string | null;
}

interface CardBase {
  title: string;
  unit: string | null;
  source_name: string;
  query: {
    handle: string;
    query_id: string;
    version: number;
    result_id: string | null;
    source_id: string | null;
    ran_at: string | null;
    lines: Record<string, string>;
  };
}

export interface SingleFactCard extends CardBase {
  kind: 'single_fact';
  value: CardValue;
  subject: string | null;
  period: string | null;
}

export interface ComparisonCard extends CardBase {
  kind: 'comparison';
  dimension: string | null;
  period: string | null;
  entries: { label: string; value: CardValue }[];
  delta: CardDelta | null;
}

export interface TrendPoint {
  x: string;
  at: string;
  value: CardValue;
}

export interface TrendGroup {
  label: string;
  points: TrendPoint[];
  direction: 'up' | 'down' | 'flat';
  change_text: string;
  change: CardDelta;
  /** The last period had not ended when the query ran. */
  partial: boolean;
}

export interface TrendCard extends CardBase {
  kind: 'trend';
  dimension: string;
  groups: TrendGroup[];
}

export type AnswerCard = SingleFactCard | ComparisonCard | TrendCard;

export interface FollowUpsData {
  questions: string[];
}

export interface OptionsData {
  question: string;
  options: string[];
}

export type RefusalReason =
  'unanswerable' | 'ambiguous' | 'out_of_scope' | 'not_permitted' | 'untraced';

export interface RefusalData {
  reason: RefusalReason;
  explanation: string;
  /** The nearest question that can be answered. */
  nearest?: string | null;
}

export interface DefinitionData {
  definition_id: string;
  name: string;
  status: 'proposed' | 'certified' | 'lapsed';
  version: number;
}

export interface NodeUsage {
  input_tokens: number | null;
  output_tokens: number | null;
  cost: string | null;
}

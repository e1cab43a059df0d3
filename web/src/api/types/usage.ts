export type BudgetSubject = 'organization' | 'member' | 'agent' | 'run';
export type BudgetUnit = 'usd' | 'tokens' | 'messages';
export type BudgetPeriod = 'day' | 'month' | 'run';
export type UsageGroup = 'model' | 'agent' | 'member';

/** Decimal numbers travel as strings. */
export interface BudgetWindow {
  of: string | null;
  spent: string;
  reserved: string;
}

export interface Budget {
  id: string;
  subject: BudgetSubject;
  member_id: string | null;
  agent_id: string | null;
  unit: BudgetUnit;
  period: BudgetPeriod;
  soft_limit: string | null;
  hard_limit: string | null;
  windows: BudgetWindow[];
}

export interface NewBudget {
  subject: BudgetSubject;
  unit: BudgetUnit;
  period: BudgetPeriod;
  soft_limit: string | null;
  hard_limit: string | null;
}

export interface UsageRow {
  day: string;
  key: string | null;
  name: string | null;
  calls: number;
  input_tokens: number | null;
  output_tokens: number | null;
  /** USD of the calls whose price is known. */
  cost: string | null;
  unpriced_calls: number;
  uncounted_calls: number;
}

export interface UsageReport {
  since: string;
  until: string;
  group_by: UsageGroup | 'day';
  rows: UsageRow[];
}

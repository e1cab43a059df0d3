export type ColumnKind = 'number' | 'moment' | 'boolean' | 'text' | 'other' | 'opaque';

export interface HistogramBin {
  from: number | string;
  to: number | string;
  count: number;
}

/** One column of a profile. null is unknown, never zero; `not_computed` says why. */
export interface ColumnFacts {
  name: string;
  type: string;
  kind: ColumnKind;
  nulls: number | null;
  /** Share of rows with a value, 0 to 1. */
  completeness: number | null;
  distinct: number | null;
  distinct_exact: boolean;
  unique: boolean | null;
  empty: number | null;
  min: string | null;
  max: string | null;
  mean: number | null;
  quantiles: Record<string, number | string | null> | null;
  quantiles_exact: boolean;
  length: { min: number | null; max: number | null; mean: number | null } | null;
  non_finite: number | null;
  top_values: { value: string | null; count: number }[] | null;
  patterns: { kinds: number; top: { pattern: string; count: number }[] } | null;
  histogram: HistogramBin[] | null;
  not_computed: string[];
  private: boolean;
  indexed: {
    state: 'complete' | 'too_many' | 'too_long' | 'over_cap';
    distinct: number | null;
    built_at: string;
  } | null;
}

export interface TableFacts {
  row_count: number | null;
  rows_estimated: boolean;
  basis: { kind: 'all' | 'first_rows'; rows: number | null; words: string };
  completeness: number | null;
  columns: ColumnFacts[];
  duplicate_rows: number | null;
  keys: { columns: string[]; duplicates: number; nulls: number; declared: boolean }[];
  not_computed: string[];
  elapsed_ms: number;
}

/** The newest profile of a table; while one runs, the one before it is still there. */
export interface TableProfile {
  source_id: string;
  table: string;
  status: 'none' | 'running' | 'done' | 'failed';
  progress: { done: number; total: number; step: string } | null;
  started_at: string | null;
  finished_at: string | null;
  error: { code: string; message: string; hint?: string | null } | null;
  profile: TableFacts | null;
}

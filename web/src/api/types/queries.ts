import type { Cell, Column, ColumnType } from './common';

export type QueryStatus = 'running' | 'done' | 'failed' | 'cancelled';

export interface QueryError {
  code: string;
  message: string;
  hint?: string | null;
  /** Character offset into the SQL, from 1. */
  position?: number | null;
}

export interface QueryVersion {
  query_id: string;
  /** What people read and type: `Q3`. */
  handle: string;
  version: number;
  sql: string;
  title?: string | null;
  source_id: string;
  source_name: string;
  thread_id?: string | null;
  status: QueryStatus;
  author: { kind: 'agent' | 'user'; name: string };
  result_id?: string | null;
  columns: Column[];
  row_count?: number | null;
  truncated: boolean;
  row_limit: number;
  elapsed_ms?: number | null;
  ran_at: string;
  error?: QueryError | null;
  /** What was cut or assumed on the way, in sentences. */
  notes?: string[];
}

export interface QueryInput {
  source_id: string;
  sql: string;
  thread_id?: string;
  /** Set to make the next version of an existing query. */
  query_id?: string;
  title?: string;
  limit?: number;
  timeout_seconds?: number;
}

export interface Query {
  query_id: string;
  handle: string;
  versions: QueryVersion[];
}

export interface Result {
  id: string;
  columns: Column[];
  row_count: number;
  truncated: boolean;
  created_at: string;
}

/** What one column of a result holds. */
export interface ColumnProfile {
  column: string;
  type: ColumnType;
  rows: number;
  nulls: number;
  distinct: number;
  min: Cell;
  max: Cell;
  top: { value: Cell; count: number }[];
}

export type DownloadFormat = 'csv' | 'parquet' | 'jsonl' | 'xlsx' | 'arrow';

/** How far a file of all rows is. */
export interface ResultExport {
  id: string;
  status: QueryStatus;
  stage: 'rows' | 'file';
  format: DownloadFormat;
  name: string;
  rows: number;
  bytes: number;
  truncated: boolean;
  notes?: string[];
  error?: QueryError | null;
}

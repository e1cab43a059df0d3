/** A page of a list; `next` is the cursor of the following page. */
export interface Page<T> {
  data: T[];
  next: string | null;
}

/** One message bound to a field, as the server reports it. */
export interface FieldError {
  path: string;
  message: string;
}

/** RFC 7807 body of every failed request. */
export interface Problem {
  type?: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  hint?: string;
  errors?: FieldError[];
  resource?: string;
  service?: string;
  retry_after?: number;
  correlation_id?: string;
}

/** Names of column types on the wire. int64, decimal and dates travel as strings. */
export type ColumnType =
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'decimal'
  | 'string'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'interval'
  | 'json'
  | 'binary'
  | 'uuid'
  | 'list';

export interface Column {
  name: string;
  type: ColumnType;
}

/** JSON value of one cell; binary travels as its size. */
export type Cell = string | number | boolean | null | { bytes: number } | CellList | CellObject;
export type CellList = readonly Cell[];
export interface CellObject {
  readonly [key: string]: Cell;
}

/** A window of rows, column by column: `data[column][row]`. */
export interface Rows {
  columns: Column[];
  data: Cell[][];
  offset: number;
  /** Rows stored or available to page through. */
  row_count: number;
  /** Rows that meet the filter; null without one. */
  filtered_count?: number | null;
  /** Rows the statement would give without the limit; null when unknown. */
  total: number | null;
  truncated: boolean;
}

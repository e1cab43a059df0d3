export type CiteKind = 'exact' | 'derived' | 'matched' | 'document' | 'asked' | 'untraced';

/** Where a value of a figure lies; `row` is null for a whole column, `column` for all rows. */
export interface CitedCell {
  query: string;
  version: number;
  query_id: string | null;
  result_id: string | null;
  row: number | null;
  key: Record<string, string>;
  column: string | null;
  value: string | null;
  /** The line of the SQL that makes the column. */
  line: string | null;
  source: string | null;
  ran_at: string | null;
}

/** The receipt of one figure; offsets are in the `text`-th text of its step. */
export interface Citation {
  text: number;
  start: number;
  end: number;
  shown: string;
  kind: CiteKind;
  value: string | null;
  type: string | null;
  formula: string | null;
  format: string | null;
  cells: CitedCell[];
  reason: string | null;
}

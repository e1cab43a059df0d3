/** A Vega-Lite specification without data; `data` names the result it is drawn from. */
export type ChartSpec = Record<string, unknown>;

export interface Chart {
  id: string;
  /** What people read and type: `C1`. */
  handle: string;
  version: number;
  title: string;
  description?: string | null;
  spec: ChartSpec;
  result_id: string;
  query_handle: string;
  query_version: number;
  row_count: number;
  /** At most 20,000 rows; numbers as numbers. */
  data: Record<string, unknown>[];
  created_at: string;
}

export interface ChartPatch {
  spec?: ChartSpec;
  title?: string;
}

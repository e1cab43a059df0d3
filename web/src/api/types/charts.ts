import type { Citation } from '../citations';

/** A Vega-Lite specification without data; `data` names the result it is drawn from. */
export type ChartSpec = Record<string, unknown>;

export type ChartKind =
  'bar' | 'line' | 'area' | 'scatter' | 'stacked' | 'grouped' | 'pie' | 'heatmap' | 'histogram';

/** A text of a chart with the receipts of its figures; the title's path is empty. */
export interface ChartFigure {
  path: string;
  text: string;
  cites: Citation[];
}

export interface Chart {
  id: string;
  /** What people read and type: `C1`. */
  handle: string;
  version: number;
  title: string;
  description?: string | null;
  spec: ChartSpec;
  result_id: string;
  query_id: string;
  query_handle: string;
  query_version: number;
  row_count: number;
  /** The rows drawn are not all there are. */
  truncated: boolean;
  /** What the columns can be drawn as, best first. */
  kinds: ChartKind[];
  figures: ChartFigure[];
  /** At most 20,000 rows; numbers as numbers. */
  data: Record<string, unknown>[];
  created_at: string;
}

export interface ChartPatch {
  spec?: ChartSpec;
  title?: string;
  kind?: ChartKind;
}

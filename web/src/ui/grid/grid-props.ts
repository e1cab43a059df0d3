import type { Cell, Column } from '@/api/types';
import type { Sort } from './compare';

export interface GridProps {
  label: string;
  columns: readonly Column[];
  /** Rows that can be scrolled to, loaded or not. */
  rowCount: number;
  /** undefined: not loaded yet. */
  cell: (row: number, column: number) => Cell | undefined;
  /** Brings rows `start` to `end` (exclusive) into `cell`. */
  load?: (start: number, end: number) => Promise<void>;
  sort?: Sort | null;
  onSort?: (sort: Sort | null) => void;
  /** Sorting happens on the server, over rows that are not loaded too. */
  sortsOnServer?: boolean;
  /** Opens what can be said and asked of a column: its profile and its filter. */
  onInspect?: (column: number) => void;
  /** Columns that a filter looks at. */
  filtered?: readonly number[];
  /** A cell to go to, by its row and its column's name; a new object goes there again. */
  goal?: { row: number | null; column: string | null } | null;
  /** Height in CSS; the grid scrolls inside it. */
  maxHeight?: string;
}

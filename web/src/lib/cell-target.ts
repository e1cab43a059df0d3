import { createStore } from './store';

/** The cell of a result that somebody wants to see; its card opens and shows it. */
export interface CellTarget {
  queryId: string;
  version: number;
  row: number | null;
  column: string | null;
  /** Set from another page: the card that comes up takes it. */
  waits?: boolean;
}

export const cellTarget = createStore<CellTarget | null>(null);

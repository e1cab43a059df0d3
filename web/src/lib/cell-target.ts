import { createStore } from './store';

/** The cell of a result that somebody wants to see; its card opens and shows it. */
export interface CellTarget {
  queryId: string;
  version: number;
  row: number | null;
  column: string | null;
}

export const cellTarget = createStore<CellTarget | null>(null);

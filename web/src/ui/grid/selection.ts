/** Row -1 is the header. */
export interface Position {
  row: number;
  column: number;
}

export interface Selection {
  active: Position;
  /** The corner that stays while Shift moves the active cell. */
  anchor: Position;
}

export interface Extent {
  rows: number;
  columns: number;
  /** Rows that fit on one page, for Page Up and Page Down. */
  page: number;
}

export interface KeyLike {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);

type Move = (from: Position, extent: Extent, far: boolean) => Position;

const moves: Record<string, Move> = {
  ArrowUp: ({ row, column }, _, far) => ({ row: far ? 0 : row - 1, column }),
  ArrowDown: ({ row, column }, { rows }, far) => ({ row: far ? rows - 1 : row + 1, column }),
  ArrowLeft: ({ row, column }, _, far) => ({ row, column: far ? 0 : column - 1 }),
  ArrowRight: ({ row, column }, { columns }, far) => ({
    row,
    column: far ? columns - 1 : column + 1,
  }),
  Home: ({ row }, _, far) => ({ row: far ? 0 : row, column: 0 }),
  End: ({ row }, { rows, columns }, far) => ({ row: far ? rows - 1 : row, column: columns - 1 }),
  PageUp: ({ row, column }, { page }) => ({ row: Math.max(0, row - page), column }),
  PageDown: ({ row, column }, { page }) => ({ row: row + page, column }),
};

/** The selection after a key, or null when the key does not move in a grid. */
export function moveSelection(from: Selection, event: KeyLike, extent: Extent): Selection | null {
  const move = moves[event.key];
  if (!move) return null;
  const to = move(from.active, extent, event.ctrlKey || event.metaKey);
  const active = {
    // Shift extends over data cells; the header is not part of a range.
    row: clamp(to.row, event.shiftKey ? 0 : -1, extent.rows - 1),
    column: clamp(to.column, 0, extent.columns - 1),
  };
  return { active, anchor: event.shiftKey ? from.anchor : active };
}

export interface Range {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** The selected rectangle, inclusive; empty (null) while the header is active. */
export function selectedRange({ active, anchor }: Selection): Range | null {
  if (active.row < 0 || anchor.row < 0) return null;
  return {
    top: Math.min(active.row, anchor.row),
    bottom: Math.max(active.row, anchor.row),
    left: Math.min(active.column, anchor.column),
    right: Math.max(active.column, anchor.column),
  };
}

/** One cell is merely active; a range begins with two. */
export const isSeveral = (range: Range | null): range is Range =>
  range !== null && (range.top !== range.bottom || range.left !== range.right);

export const inRange = (range: Range | null, row: number, column: number): boolean =>
  range !== null &&
  row >= range.top &&
  row <= range.bottom &&
  column >= range.left &&
  column <= range.right;

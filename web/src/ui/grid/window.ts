/** Which of many fixed positions are in view; pure, so that the grid can be tested without layout. */
export interface Span {
  /** First index in view. */
  start: number;
  /** One past the last index in view. */
  end: number;
}

export function rowSpan(
  scroll: number,
  size: number,
  rowHeight: number,
  rows: number,
  extra: number,
): Span {
  const start = Math.max(0, Math.floor(scroll / rowHeight) - extra);
  const end = Math.min(rows, Math.ceil((scroll + size) / rowHeight) + extra);
  return { start: Math.min(start, end), end };
}

/** Left edge of every column and, last, the total width. */
export function offsets(widths: readonly number[]): number[] {
  const edges = [0];
  for (const width of widths) edges.push((edges.at(-1) ?? 0) + width);
  return edges;
}

export function columnSpan(
  edges: readonly number[],
  scroll: number,
  size: number,
  extra: number,
): Span {
  const count = edges.length - 1;
  let start = 0;
  while (start < count && (edges[start + 1] ?? 0) <= scroll) start += 1;
  let end = start;
  while (end < count && (edges[end] ?? 0) < scroll + size) end += 1;
  return { start: Math.max(0, start - extra), end: Math.min(count, end + extra) };
}

/** The indexes of a span plus one that must stay in the page because it has the focus. */
export function indexes({ start, end }: Span, keep: number): number[] {
  const list = Array.from({ length: end - start }, (_, index) => start + index);
  if (keep >= 0 && keep < start) list.unshift(keep);
  else if (keep >= end) list.push(keep);
  return list;
}

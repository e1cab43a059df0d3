export type Segment = { kind: 'text'; text: string; at: number } | { kind: 'card'; handle: string };

const CARD = /\{\{\s*card\s+([A-Z]\d+)\s*\}\}/g;
/** The beginning of a placeholder whose closing braces have not arrived yet. */
const UNFINISHED = /\{(?:\{[^}]*\}?)?$/;

/**
 * Cuts an answer at its `{{card Q1}}` placeholders. While text still streams, a placeholder that
 * is not complete is held back, so that a reader never sees half of one.
 */
export function splitCards(text: string, streaming: boolean): Segment[] {
  const shown = streaming ? text.replace(UNFINISHED, '') : text;
  const segments: Segment[] = [];
  let from = 0;
  for (const match of shown.matchAll(CARD)) {
    if (insideCode(shown, match.index)) continue;
    segments.push({ kind: 'text', text: shown.slice(from, match.index), at: from });
    segments.push({ kind: 'card', handle: match[1] ?? '' });
    from = match.index + match[0].length;
  }
  segments.push({ kind: 'text', text: shown.slice(from), at: from });
  return segments.filter((segment) => segment.kind === 'card' || segment.text.trim() !== '');
}

/** Whether a position lies in a fenced block or an inline code span. */
function insideCode(text: string, index: number): boolean {
  const before = text.slice(0, index);
  if ((before.match(/^ {0,3}```/gm)?.length ?? 0) % 2 === 1) return true;
  const line = before.slice(before.lastIndexOf('\n') + 1);
  return (line.match(/`/g)?.length ?? 0) % 2 === 1;
}

import type { AnswerCard, OptionsData, RefusalData } from '@/api/answer-parts';
import type { ChartRef, Citation, DocumentRef, Part, RequestData } from '@/api/parts';
import type { QueryVersion } from '@/api/types';
import { spokenOnce, type Spoken } from '@/lib/spoken';
import { splitCards } from '@/ui/markdown';

export type AnswerBlock =
  | { kind: 'text'; key: string; text: string; streaming: boolean; cites: Citation[] }
  | { kind: 'query'; key: string; version: QueryVersion }
  | { kind: 'chart'; key: string; chart: ChartRef }
  | { kind: 'document'; key: string; document: DocumentRef }
  | { kind: 'request'; key: string; request: RequestData }
  | ExtraBlock;

/** Blocks that few answers have; what draws them is loaded when one does. */
export type ExtraBlock =
  | { kind: 'card'; key: string; card: AnswerCard }
  | { kind: 'options'; key: string; options: OptionsData; asked: boolean }
  | {
      kind: 'refusal';
      key: string;
      refusal: RefusalData;
      others: string[];
      cites: Citation[];
    };

type Card = Extract<AnswerBlock, { kind: 'query' | 'chart' | 'document' }>;

/** Whether a statement has come to nothing and was made good by a later one. */
function wasRepaired(parts: readonly Part[], index: number): boolean {
  const part = parts[index];
  if (part?.type !== 'data-query') return false;
  if (part.data.status === 'done' || part.data.status === 'running') return false;
  return parts
    .slice(index + 1)
    .some((later) => later.type === 'data-query' && later.data.status === 'done');
}

/** The newest card of every handle; a statement that was repaired is only in the work log. */
function cardsByHandle(parts: readonly Part[]): Map<string, Card> {
  const cards = new Map<string, Card>();
  parts.forEach((part, index) => {
    if (part.type === 'data-query' && !wasRepaired(parts, index)) {
      const { handle, query_id: key } = part.data;
      cards.set(handle, { kind: 'query', key, version: part.data });
    } else if (part.type === 'data-chart') {
      const { handle, chart_id: key } = part.data;
      cards.set(handle, { kind: 'chart', key, chart: part.data });
    } else if (part.type === 'data-document') {
      const { handle, document_id: key } = part.data;
      cards.set(handle, { kind: 'document', key, document: part.data });
    }
  });
  return cards;
}

const isCard = (part: Part) =>
  part.type === 'data-query' || part.type === 'data-chart' || part.type === 'data-document';

/** Handles the text places itself. */
function placedHandles(parts: readonly Part[]): Set<string> {
  const handles = parts
    .filter((part) => part.type === 'text')
    .flatMap(({ text }) => splitCards(text, false))
    .flatMap((segment) => (segment.kind === 'card' ? [segment.handle] : []));
  return new Set(handles);
}

/** The receipts of every text by its place among the parts: they count the texts of their step. */
function citesByText(parts: readonly Part[]): Map<number, Citation[]> {
  const found = new Map<number, Citation[]>();
  let texts: number[] = [];
  parts.forEach((part, index) => {
    if (part.type === 'step-start') texts = [];
    else if (part.type === 'text') texts.push(index);
    else if (part.type === 'data-citation') {
      const place = texts[part.data.text];
      if (place !== undefined) found.set(place, [...(found.get(place) ?? []), part.data]);
    }
  });
  return found;
}

/** The receipts of a stretch of a text, with offsets in it. */
const within = (cites: Citation[] | undefined, at: number, length: number): Citation[] =>
  (cites ?? [])
    .filter(({ start, end }) => start >= at && end <= at + length)
    .map((cite) => ({ ...cite, start: cite.start - at, end: cite.end - at }))
    .sort((one, other) => one.start - other.start);

/** The block of a card, of options or of a refusal; null for any other part. */
function extraBlock(
  part: Part,
  { texts, refusal, others }: Spoken,
  cites: ReadonlyMap<number, Citation[]>,
): ExtraBlock | null {
  switch (part.type) {
    case 'data-card':
      return { kind: 'card', key: part.id ?? 'card', card: part.data };
    case 'data-options': {
      const { question } = part.data;
      const asked = texts.some((text) => text?.includes(question));
      return { kind: 'options', key: 'options', options: part.data, asked };
    }
    case 'data-refusal': {
      const said = refusal === null ? [] : (cites.get(refusal) ?? []);
      return { kind: 'refusal', key: 'refusal', refusal: part.data, others, cites: said };
    }
    default:
      return null;
  }
}

/** Queries whose figures a card shows: their grids come after the answer, not before it. */
const carded = (parts: readonly Part[]): Set<string> =>
  new Set(parts.flatMap((part) => (part.type === 'data-card' ? [part.data.query.handle] : [])));

/**
 * What a reader sees of an answer, in order: text with its cards where `{{card Q1}}` puts them;
 * a card the text does not place stands where its tool made it, or last when a card of figures
 * tells the same. Each card appears once.
 */
export function answerBlocks(parts: readonly Part[]): AnswerBlock[] {
  const cards = cardsByHandle(parts);
  const placed = placedHandles(parts);
  const shown = new Set<string>();
  const blocks: AnswerBlock[] = [];
  const cites = citesByText(parts);
  const spoken = spokenOnce(parts);
  const last = carded(parts);
  const put = (handle: string) => {
    const card = cards.get(handle);
    if (!card || shown.has(handle)) return;
    shown.add(handle);
    blocks.push(card);
  };
  parts.forEach((part, index) => {
    const extra = extraBlock(part, spoken, cites);
    if (extra) blocks.push(extra);
    else if (isCard(part)) {
      const { handle } = part.data;
      if (!placed.has(handle) && !last.has(handle)) put(handle);
    } else if (part.type === 'data-request') {
      blocks.push({ kind: 'request', key: part.data.id, request: part.data });
    } else if (part.type === 'text') {
      const streaming = part.state === 'streaming';
      splitCards(spoken.texts[index] ?? part.text, streaming).forEach((segment, position) => {
        if (segment.kind === 'card') put(segment.handle);
        else
          blocks.push({
            kind: 'text',
            key: `${index}.${position}`,
            text: segment.text,
            streaming,
            cites: within(cites.get(index), segment.at, segment.text.length),
          });
      });
    }
  });
  last.forEach(put);
  return blocks;
}

/** The plain text of a message a person wrote. */
export const messageText = (parts: readonly Part[]): string =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

import type { FollowUpsData, RefusalData } from '@/api/answer-parts';
import type { Part } from '@/api/parts';

/** A line that does nothing but lead to the list below it. */
const LEAD = /^.{0,80}[:：]$/;
const RULE = /^(-{3,}|\*{3,})$/;

const isBlank = (line: string | undefined) => line?.trim() === '';

/** Lines without the last one that says something, and without blanks before it. */
function dropLast(lines: readonly string[]): { last: string; before: readonly string[] } {
  const end = lines.findLastIndex((line) => !isBlank(line));
  return { last: lines[end]?.trim() ?? '', before: lines.slice(0, Math.max(end, 0)) };
}

const ITEM = /^\s*(?:\d{1,2}[.)]|[-*•])\s+(.+?)\s*$/;

/** What a line of a list says, without its number and the signs of Markdown; null for others. */
function itemOf(line: string): string | null {
  const found = ITEM.exec(line)?.[1];
  return found === undefined ? null : found.replace(/^[\s*_"“”„`]+|[\s*_"“”„`]+$/g, '');
}

/**
 * A text without the numbered list at its end that says what buttons say; other clients show the
 * list. Offsets of what is left stay as they are.
 */
export function withoutList(text: string, items: readonly string[]): string {
  let lines: readonly string[] = text.split('\n');
  for (const item of [...items].reverse()) {
    const { last, before } = dropLast(lines);
    if (itemOf(last) !== item) return text;
    lines = before;
  }
  for (const pattern of [LEAD, RULE]) {
    const { last, before } = dropLast(lines);
    if (pattern.test(last)) lines = before;
  }
  return lines.join('\n').trimEnd();
}

export interface Spoken {
  /** Every text as it is shown, by its place among the parts. */
  texts: (string | undefined)[];
  /** Where the refusal's words stood. */
  refusal: number | null;
  /** Questions beside the nearest one that its words named. */
  others: string[];
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

/** What an answer says in words and with buttons or a card is shown once, as the latter. */
export function spokenOnce(parts: readonly Part[]): Spoken {
  const texts = parts.map((part) => (part.type === 'text' ? part.text : undefined));
  const spoken: Spoken = { texts, refusal: null, others: [] };
  const cut = (items: readonly string[]) =>
    texts.forEach((text, index) => {
      if (text !== undefined) texts[index] = withoutList(text, items);
    });
  for (const part of parts) {
    if (part.type === 'data-followups') cut(part.data.questions);
    else if (part.type === 'data-options') cut(part.data.options);
    else if (part.type === 'data-refusal') takeRefusal(spoken, part.data);
  }
  return spoken;
}

/** Takes the words of a refusal out of the texts, and the questions that they propose. */
function takeRefusal(spoken: Spoken, { explanation, nearest }: RefusalData): void {
  const said = oneLine(explanation);
  const at = spoken.texts.findLastIndex(
    (text) => said !== '' && oneLine(text ?? '').startsWith(said),
  );
  if (at < 0) return;
  const lines = spoken.texts[at]?.split('\n') ?? [];
  const items = lines.flatMap((line) => itemOf(line) ?? []);
  spoken.others = items.filter((item) => item !== nearest);
  spoken.refusal = at;
  spoken.texts[at] = '';
}

/** The questions that an answer suggests. */
export function followUps(parts: readonly Part[]): FollowUpsData | null {
  const found = parts.findLast((part) => part.type === 'data-followups');
  return found?.type === 'data-followups' && found.data.questions.length > 0 ? found.data : null;
}

import type { FollowUpsData } from '@/api/answer-parts';
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

/**
 * A text without the numbered list at its end that says what buttons say; other clients show the
 * list. Offsets of what is left stay as they are.
 */
export function withoutList(text: string, items: readonly string[]): string {
  let lines: readonly string[] = text.split('\n');
  for (const [index, item] of [...items.entries()].reverse()) {
    const { last, before } = dropLast(lines);
    if (last !== `${index + 1}. ${item}`) return text;
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
}

/** What an answer says in words and with buttons or a card is shown once, as the latter. */
export function spokenOnce(parts: readonly Part[]): Spoken {
  const texts = parts.map((part) => (part.type === 'text' ? part.text : undefined));
  let refusal: number | null = null;
  const cut = (items: readonly string[]) =>
    texts.forEach((text, index) => {
      if (text !== undefined) texts[index] = withoutList(text, items);
    });
  for (const part of parts) {
    if (part.type === 'data-followups') cut(part.data.questions);
    else if (part.type === 'data-options') cut(part.data.options);
    else if (part.type === 'data-refusal') {
      const said = part.data.explanation.trim();
      const at = texts.findLastIndex((text) => said !== '' && text?.trim().startsWith(said));
      if (at < 0) continue;
      refusal = at;
      texts[at] = '';
    }
  }
  return { texts, refusal };
}

/** The questions that an answer suggests. */
export function followUps(parts: readonly Part[]): FollowUpsData | null {
  const found = parts.findLast((part) => part.type === 'data-followups');
  return found?.type === 'data-followups' && found.data.questions.length > 0 ? found.data : null;
}

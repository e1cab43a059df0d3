/** Something to insert at the caret: a table, a column, an earlier query, a command. */
export interface Suggestion {
  /** What is shown, matched and inserted. */
  text: string;
  /** What it is, in a few words. */
  detail: string;
}

/** What is being typed: the sign that asks for suggestions, the word after it and where it starts. */
export interface Trigger {
  sign: '@' | '/';
  word: string;
  start: number;
}

const MENTION = /(?:^|\s)@([\w.]*)$/u;
const COMMAND = /^\/(\w*)$/u;
const MOST = 8;

/** What the text up to the caret asks suggestions for, if anything. */
export function triggerAt(text: string, caret: number): Trigger | null {
  const before = text.slice(0, caret);
  const command = COMMAND.exec(before);
  if (command) return { sign: '/', word: command[1] ?? '', start: 0 };
  const word = MENTION.exec(before)?.[1];
  return word === undefined ? null : { sign: '@', word, start: caret - word.length - 1 };
}

/** Those that match the word: first the ones that begin with it, then the ones that hold it. */
export function matching(all: readonly Suggestion[], word: string): Suggestion[] {
  const wanted = word.toLowerCase();
  const starts = all.filter(({ text }) => text.toLowerCase().startsWith(wanted));
  const holds = all.filter(({ text }) => text.toLowerCase().indexOf(wanted) > 0);
  return [...starts, ...holds].slice(0, MOST);
}

/** The text with the trigger replaced, and where the caret then stands. */
export function inserted(
  text: string,
  caret: number,
  { start }: Trigger,
  chosen: Suggestion,
): { text: string; caret: number } {
  const head = `${text.slice(0, start)}${chosen.text} `;
  return { text: head + text.slice(caret).trimStart(), caret: head.length };
}

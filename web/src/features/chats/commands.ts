import type { Suggestion } from './suggestions';

const SQL = /^\/sql(?:\s+|$)/i;
const WORDED = /^\/(chart|describe)\s+(\S[^]*)$/i;

/** The SQL of a `/sql …` message, or null when the text is a question. */
export function sqlCommand(text: string): string | null {
  const trimmed = text.trim();
  return SQL.test(trimmed) ? trimmed.replace(SQL, '').trim() : null;
}

/** The question a command stands for; any other text is its own question. */
export function asQuestion(text: string): string {
  const [, command, rest] = WORDED.exec(text.trim()) ?? [];
  if (command === undefined || rest === undefined) return text;
  return command.toLowerCase() === 'chart' ? `${rest} as a chart` : `Describe the table ${rest}`;
}

/** Every command, with what it does; commands that need more text are followed by it. */
export const COMMANDS = ['sql', 'chart', 'describe', 'source', 'agent', 'model', 'new'] as const;
export type Command = (typeof COMMANDS)[number];

/** The chips a command opens. */
const CHIPS: readonly string[] = ['source', 'agent', 'model'];

/** Opens what `/source`, `/agent` or `/model` names; false when the text is something else. */
export function openChip(text: string, composer: HTMLElement | null): boolean {
  const name = /^\/(\w+)$/.exec(text.trim())?.[1]?.toLowerCase() ?? '';
  if (!CHIPS.includes(name)) return false;
  const chip = composer?.querySelector<HTMLElement>(`[data-chip="${name}"]`);
  chip?.focus();
  // A menu opens with a key, a dialog with a click.
  if (chip?.getAttribute('aria-haspopup') === 'menu')
    chip.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
  else chip?.click();
  return true;
}

export const isNew = (text: string) => text.trim().toLowerCase() === '/new';

export const commandSuggestions = (describe: (name: Command) => string): Suggestion[] =>
  COMMANDS.map((name) => ({ text: `/${name}`, detail: describe(name) }));

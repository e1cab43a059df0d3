const COMMAND = /^\/sql(?:\s+|$)/i;

/** The SQL of a `/sql …` message, or null when the text is a question. */
export function sqlCommand(text: string): string | null {
  const trimmed = text.trim();
  return COMMAND.test(trimmed) ? trimmed.replace(COMMAND, '').trim() : null;
}

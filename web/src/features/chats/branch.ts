import type { ChatMessage } from './api';

/**
 * The branch a reader sees: the newest message and what led to it. Another answer to the same
 * question is a sibling, and the list holds them all. What was only just sent has no parent yet
 * and stands at the end.
 */
export function newestBranch(messages: readonly ChatMessage[]): ChatMessage[] {
  const known = messages.filter(
    ({ role }: { role: string }) => role === 'user' || role === 'assistant',
  );
  if (known.every(({ parent_id: parent }) => parent == null)) return known;
  const byId = new Map(known.map((message) => [message.id, message]));
  const stored = known.filter(({ parent_id: parent }, index) => parent != null || index === 0);
  const branch = new Set<ChatMessage>();
  let next = stored.at(-1);
  while (next && !branch.has(next)) {
    branch.add(next);
    next = next.parent_id == null ? undefined : byId.get(next.parent_id);
  }
  return known.filter(
    (message) => branch.has(message) || (message.parent_id == null && message !== stored[0]),
  );
}

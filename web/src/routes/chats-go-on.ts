import { useMemo, useRef } from 'react';
import { sendKey, type ThreadState } from '@/features/chats';

/** What a click on a question does. */
export interface GoOn {
  ask: (question: string) => void;
  /** Puts it into the composer. */
  edit: (question: string) => void;
}

/** Asks a question that an answer suggests, or lets it be changed first. */
export function useGoOn({ send, draft }: ThreadState): GoOn {
  const now = useRef({ send, draft });
  now.current = { send, draft };
  return useMemo(
    () => ({
      ask: (text) => now.current.send.mutate({ input: { text }, key: sendKey() }),
      edit: (text) => now.current.draft(text),
    }),
    [],
  );
}

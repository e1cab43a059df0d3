import { useState } from 'react';
import { readStored, writeStored } from '@/lib/preferences';

/** What is typed but not sent, kept per thread so that no reload or navigation loses it. */
export function useDraft(thread: string): [string, (text: string) => void] {
  const key = `draft.${thread}`;
  const [text, setText] = useState(() => readStored(key) ?? '');
  const change = (next: string) => {
    writeStored(key, next);
    setText(next);
  };
  return [text, change];
}

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

/** Gives back what could not be sent, unless something new was typed since. */
export function restoreDraft(thread: string, text: string): void {
  const key = `draft.${thread}`;
  if ((readStored(key) ?? '') === '') writeStored(key, text);
}

/** Puts a question under what is being typed. */
export function addToDraft(thread: string, text: string): void {
  const key = `draft.${thread}`;
  writeStored(key, [readStored(key) ?? '', text].filter(Boolean).join('\n'));
}

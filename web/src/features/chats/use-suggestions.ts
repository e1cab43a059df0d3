import { useEffect, useState, type KeyboardEvent } from 'react';
import { inserted, matching, triggerAt, type Suggestion, type Trigger } from './suggestions';

export interface Suggest {
  of: (sign: Trigger['sign']) => readonly Suggestion[];
  /** Somebody mentions something: what can be mentioned may be loaded now. */
  onMention: () => void;
}

interface Field {
  text: string;
  caret: number;
  change: (text: string, caret: number) => void;
}

const STEPS: Partial<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 };

/** The list below the caret: what is in it, which entry is active, and the keys that work it. */
export function useSuggestions(field: Field, suggest: Suggest | undefined) {
  const [active, setActive] = useState(0);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const trigger = triggerAt(field.text, field.caret);
  const open = trigger !== null && dismissed !== field.text;
  const found = open && suggest ? matching(suggest.of(trigger.sign), trigger.word) : [];
  const mentions = trigger?.sign === '@';
  const onMention = suggest?.onMention;
  useEffect(() => {
    if (mentions) onMention?.();
  }, [mentions, onMention]);
  const at = Math.min(active, found.length - 1);

  const accept = (chosen: Suggestion) => {
    if (!trigger) return;
    const next = inserted(field.text, field.caret, trigger, chosen);
    setActive(0);
    field.change(next.text, next.caret);
  };
  /** True when the key was for the list. */
  const onKey = ({ key }: KeyboardEvent): boolean => {
    const step = STEPS[key];
    const chosen = found[at];
    if (!chosen) return false;
    if (step !== undefined) setActive((at + step + found.length) % found.length);
    else if (key === 'Enter' || key === 'Tab') accept(chosen);
    else if (key === 'Escape') setDismissed(field.text);
    else return false;
    return true;
  };
  return { found, at, accept, onKey };
}

import { useState } from 'react';
import type { WorkState } from './work-log-model';

const ACTIVE: readonly WorkState[] = ['queued', 'running', 'stale', 'failed'];

export interface LogOpenInput {
  state: WorkState;
  /** Whether the transcript follows the answer; a reader elsewhere must not see text move. */
  following: boolean;
}

/**
 * Whether the work log is open. It opens while work goes on and closes once when done, unless the
 * reader has touched it or has scrolled away; a failed one opens by itself.
 */
export function useLogOpen({ state, following }: LogOpenInput): [boolean, (open: boolean) => void] {
  const [touched, setTouched] = useState<boolean | null>(null);
  const [auto, setAuto] = useState(ACTIVE.includes(state));
  const [seen, setSeen] = useState(state);
  if (seen !== state) {
    setSeen(state);
    if (ACTIVE.includes(state)) setAuto(true);
    else if (following) setAuto(false);
  }
  return [touched ?? auto, setTouched];
}

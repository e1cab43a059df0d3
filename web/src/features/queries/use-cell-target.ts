import { useEffect, useRef, useState, type RefObject } from 'react';
import type { QueryVersion } from '@/api/types';
import { cellTarget, type CellTarget } from '@/lib/cell-target';

/** Follows where somebody wants to look: a figure's cell in this query's result. */
export function useCellTarget(
  { query_id: queryId, version: shown }: QueryVersion,
  card: RefObject<HTMLElement | null>,
  onTarget: (version: number) => void,
): CellTarget | null {
  const [goal, setGoal] = useState<CellTarget | null>(null);
  const latest = useRef(onTarget);
  useEffect(() => {
    latest.current = onTarget;
  });
  useEffect(() => {
    const follow = () => {
      const target = cellTarget.get();
      if (target?.queryId !== queryId) return;
      latest.current(target.version);
      setGoal(target);
      card.current?.scrollIntoView({ block: 'nearest' });
    };
    const leave = cellTarget.subscribe(follow);
    const target = cellTarget.get();
    if (target?.waits && target.queryId === queryId) cellTarget.set({ ...target, waits: false });
    return leave;
  }, [queryId, card]);
  return goal?.version === shown ? goal : null;
}

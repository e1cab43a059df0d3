import { useEffect, useRef } from 'react';
import type { Column } from '@/api/types';
import type { GridProps } from './grid-props';
import type { Selection } from './selection';

/** Makes the wanted cell the active one: it scrolls into view, is outlined and has the focus. */
export function useGoal(
  goal: NonNullable<GridProps['goal']> | null,
  columns: readonly Column[],
  select: (next: Selection) => void,
): void {
  const seen = useRef<GridProps['goal']>(null);
  useEffect(() => {
    if (goal === null || seen.current === goal) return;
    seen.current = goal;
    const column = Math.max(
      0,
      columns.findIndex(({ name }) => name === goal.column),
    );
    // A whole column is shown by its heading.
    const active = { row: goal.row ?? -1, column };
    select({ active, anchor: active });
  });
}

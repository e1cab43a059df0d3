import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Chart } from '@/api/types';
import { chartOptions, patchChart } from './api';
import type { Spec } from './sanitise-spec';

/** After the last change in the form; each saved change is a version. */
const SAVE_AFTER_MS = 700;

export interface ChartDraft {
  spec: Spec;
  title: string;
}

/** The chart on screen: at once what the form says, a moment later what the server keeps. */
export function useChartEdit(chart: Chart) {
  const client = useQueryClient();
  const stored: ChartDraft = { spec: chart.spec as Spec, title: chart.title };
  const [original] = useState(stored);
  const [local, setLocal] = useState<ChartDraft | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const save = useMutation({
    mutationFn: (draft: ChartDraft) => patchChart(chart.id, draft),
    onSuccess: (made, sent) => {
      client.setQueryData(chartOptions(chart.id).queryKey, made);
      setLocal((now) => (now === sent ? null : now));
    },
  });
  useEffect(() => () => clearTimeout(timer.current), []);

  const draft = local ?? stored;
  const change = (fields: Partial<ChartDraft>) => {
    const next = { ...draft, ...fields };
    setLocal(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => save.mutate(next), SAVE_AFTER_MS);
  };
  const changed = draft.spec !== original.spec || draft.title !== original.title;
  return { draft, change, save, changed, reset: () => change(original) };
}

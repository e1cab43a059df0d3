import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Chart } from '@/api/types';
import { chartOptions, patchChart } from './api';
import type { Spec } from './sanitise-spec';

/** After the last change in the form; each saved change is a version. */
const SAVE_AFTER_MS = 700;

/** The spec on screen: at once what the form says, a moment later what the server keeps. */
export function useChartEdit(chart: Chart) {
  const client = useQueryClient();
  const stored = chart.spec as Spec;
  const [original] = useState(stored);
  const [local, setLocal] = useState<Spec | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const save = useMutation({
    mutationFn: (spec: Spec) => {
      const title = typeof spec.title === 'string' ? { title: spec.title } : {};
      return patchChart(chart.id, { spec, ...title });
    },
    onSuccess: (made, sent) => {
      client.setQueryData(chartOptions(chart.id).queryKey, made);
      setLocal((now) => (now === sent ? null : now));
    },
  });
  useEffect(() => () => clearTimeout(timer.current), []);

  const change = (spec: Spec) => {
    setLocal(spec);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => save.mutate(spec), SAVE_AFTER_MS);
  };

  const spec = local ?? stored;
  return { spec, change, save, changed: spec !== original, reset: () => change(original) };
}

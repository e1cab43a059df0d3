import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Chart, ChartKind, ChartPatch } from '@/api/types';
import { chartOptions, patchChart } from './api';
import type { Spec } from './sanitise-spec';

/** After the last change in the form; each saved change is a version. */
const SAVE_AFTER_MS = 700;

const MOST_STEPS = 50;

interface Saved {
  sent: ChartPatch;
  /** What is on screen meanwhile. */
  draft: ChartDraft | null;
}

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
  const [past, setPast] = useState<readonly ChartDraft[]>([]);
  const [future, setFuture] = useState<readonly ChartDraft[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const save = useMutation({
    mutationFn: ({ sent }: Saved) => patchChart(chart.id, sent),
    onSuccess: (made, { draft }) => {
      client.setQueryData(chartOptions(chart.id).queryKey, made);
      setLocal((now) => (now === draft ? null : now));
    },
  });
  useEffect(() => () => clearTimeout(timer.current), []);

  const draft = local ?? stored;
  const put = (next: ChartDraft) => {
    setLocal(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => save.mutate({ sent: next, draft: next }), SAVE_AFTER_MS);
  };
  const remember = () => {
    setPast([...past, draft].slice(-MOST_STEPS));
    setFuture([]);
  };
  const change = (fields: Partial<ChartDraft>) => {
    remember();
    put({ ...draft, ...fields });
  };
  const [before, after] = [past.at(-1), future.at(-1)];
  const undo =
    before &&
    (() => {
      setPast(past.slice(0, -1));
      setFuture([...future, draft]);
      put(before);
    });
  const redo =
    after &&
    (() => {
      setFuture(future.slice(0, -1));
      setPast([...past, draft]);
      put(after);
    });
  /** The server draws another kind: it knows what the columns are. */
  const switchKind = (kind: ChartKind) => {
    remember();
    clearTimeout(timer.current);
    save.mutate({ sent: { kind }, draft: local });
  };
  const changed = draft.spec !== original.spec || draft.title !== original.title;
  return { draft, change, save, changed, undo, redo, switchKind, reset: () => change(original) };
}

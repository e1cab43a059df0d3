import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { Chart, ChartPatch } from '@/api/types';

export const chartOptions = (id: string) =>
  queryOptions({
    queryKey: ['charts', id] as const,
    queryFn: ({ signal }) => api.get<Chart>(`/charts/${id}`, { signal }),
    staleTime: Infinity,
  });

/** Stores a changed chart as its next version; the server validates the spec. */
export const patchChart = (id: string, change: ChartPatch) =>
  api.patch<Chart>(`/charts/${id}`, change);

/** Draws a result as its columns suggest. */
export const drawChart = (resultId: string) => api.post<Chart>('/charts', { result_id: resultId });

import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { Budget, NewBudget, UsageGroup, UsageReport } from '@/api/types';

const DAY_MS = 86_400_000;

/** The last `days` days, today included; days are UTC. */
export const usageQuery = (group: UsageGroup, days: number) =>
  queryOptions({
    queryKey: ['usage', group, days],
    queryFn: ({ signal }) => {
      const since = new Date(Date.now() - (days - 1) * DAY_MS).toISOString().slice(0, 10);
      return api.get<UsageReport>('/usage', { query: { group_by: group, since }, signal });
    },
    // What was shown stays until the other view is there.
    placeholderData: (previous) => previous,
  });

export const budgetsQuery = queryOptions({
  queryKey: ['budgets'],
  queryFn: ({ signal }) => api.list<Budget>('/budgets', { signal }),
});

export const createBudget = (budget: NewBudget) => api.post<Budget>('/budgets', budget);
export const deleteBudget = (id: string) => api.delete(`/budgets/${id}`);

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { Model, ModelInput, ModelOffer, ModelPatch, ModelTest, Provider } from '@/api/types';

export const providersQuery = queryOptions({
  queryKey: ['models', 'providers'],
  queryFn: ({ signal }) => api.list<Provider>('/models/providers', { signal }),
  staleTime: Infinity,
});

export const offersQuery = queryOptions({
  queryKey: ['models', 'offers'],
  queryFn: ({ signal }) => api.list<ModelOffer>('/models/offers', { signal }),
});

export const createModel = (input: ModelInput) => api.post<Model>('/models', input);
export const updateModel = (id: string, patch: ModelPatch) =>
  api.patch<Model>(`/models/${id}`, patch);
export const deleteModel = (id: string) => api.delete(`/models/${id}`);
export const testDraft = (input: ModelInput) => api.post<ModelTest>('/models/test', input);

/** After any change: lists, offers and the status line read again. */
export function useModelsChanged(): () => Promise<void> {
  const queryClient = useQueryClient();
  return async () => {
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: ['models'] }),
      queryClient.invalidateQueries({ queryKey: ['status'] }),
    ]);
  };
}

export function useTestModel() {
  const changed = useModelsChanged();
  return useMutation({
    mutationFn: (id: string) => api.post<ModelTest>(`/models/${id}/test`),
    onSettled: changed,
  });
}

export function useActivateModel() {
  const changed = useModelsChanged();
  return useMutation({
    mutationFn: (id: string) => api.post<Model>(`/models/${id}/activate`),
    onSuccess: changed,
  });
}

export function useAcceptOffer() {
  const changed = useModelsChanged();
  return useMutation({
    mutationFn: ({ origin, provider, model_name }: ModelOffer) =>
      api.post<Model>('/models/offers/accept', { origin, provider, model_name }),
    onSuccess: changed,
  });
}

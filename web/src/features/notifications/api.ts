import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type {
  ChannelTest,
  Delivery,
  Notifications,
  NotificationsInput,
  Page,
  Webhook,
  WebhookInput,
  WebhookMade,
} from '@/api/types';

export const notificationsQuery = queryOptions({
  queryKey: ['notifications'],
  queryFn: ({ signal }) => api.get<Notifications>('/notifications', { signal }),
});

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: ({ signal }) => api.list<Webhook>('/webhooks', { signal }),
});

/** The latest deliveries of a webhook; looked at again while the dialog is open. */
export const deliveriesQuery = (webhook: string) =>
  queryOptions({
    queryKey: ['webhooks', webhook, 'deliveries'],
    queryFn: ({ signal }) =>
      api.get<Page<Delivery>>('/deliveries', {
        query: { webhook_id: webhook, limit: 50 },
        signal,
      }),
    refetchInterval: 3000,
  });

export const saveNotifications = ({ kinds, time_zone, digest_hour }: NotificationsInput) =>
  api.put<Notifications>('/notifications', { kinds, time_zone, digest_hour });
export const testMail = () => api.post<ChannelTest>('/notifications/test');
export const createWebhook = (input: WebhookInput) => api.post<WebhookMade>('/webhooks', input);
export const enableWebhook = (id: string, enabled: boolean) =>
  api.patch<Webhook>(`/webhooks/${id}`, { enabled });
export const rotateWebhook = (id: string) => api.post<WebhookMade>(`/webhooks/${id}/rotate`);
export const testWebhook = (id: string) => api.post<ChannelTest>(`/webhooks/${id}/test`);
export const deleteWebhook = (id: string) => api.delete(`/webhooks/${id}`);
export const redeliver = (id: string) => api.post<Delivery>(`/deliveries/${id}/redeliver`);

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, url } from '@/api/client';
import type { Part } from '@/api/parts';
import type {
  Message,
  MessageAccepted,
  MessageInput,
  Page,
  Source,
  Thread,
  ThreadInput,
  ThreadPatch,
} from '@/api/types';
import { localeStore } from '@/lib/preferences';

export type ChatMessage = Message<Part>;

export const threadKeys = {
  all: ['threads'] as const,
  one: (id: string) => ['threads', id] as const,
  messages: (id: string) => ['threads', id, 'messages'] as const,
};

export const threadsOptions = (q: string) =>
  infiniteQueryOptions({
    queryKey: ['threads', { q }] as const,
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Thread>>('/threads', { query: { q, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });

export const threadOptions = (id: string) =>
  queryOptions({
    queryKey: threadKeys.one(id),
    queryFn: ({ signal }) => api.get<Thread>(`/threads/${id}`, { signal }),
  });

export const messagesOptions = (id: string) =>
  queryOptions({
    queryKey: threadKeys.messages(id),
    queryFn: ({ signal }) =>
      api.get<{ data: ChatMessage[] }>(`/threads/${id}/messages`, { signal }),
  });

/** An answer as a file of its own, with its receipts. */
export const answerUrl = (thread: string, message: string, format: 'md' | 'html') =>
  url(`/threads/${thread}/messages/${message}/export`, { format });

export const createThread = (input: ThreadInput) => api.post<Thread>('/threads', input);
export const patchThread = (id: string, change: ThreadPatch) =>
  api.patch<Thread>(`/threads/${id}`, change);
export const deleteThread = (id: string) => api.delete(`/threads/${id}`);

/** The key makes a repeated send of the same message one message. */
export const sendMessage = (thread: string, input: MessageInput, key: string) =>
  api.post<MessageAccepted>(
    `/threads/${thread}/messages`,
    { ...input, locale: localeStore.get() },
    {
      headers: { 'Idempotency-Key': key },
    },
  );

export const removeMessage = (thread: string, message: string) =>
  api.delete(`/threads/${thread}/messages/${message}`);

/** Fills an answer's figures again from the newest results. */
export const refreshAnswer = (thread: string, message: string) =>
  api.post<unknown>(`/threads/${thread}/messages/${message}/refresh`, {
    locale: localeStore.get(),
  });

export const regenerate = (thread: string, message: string) =>
  api.post<MessageAccepted>(`/threads/${thread}/messages/${message}/regenerate`, {
    locale: localeStore.get(),
  });

export const stopRun = (run: string) => api.post<unknown>(`/runs/${run}/stop`);

export const attachSample = () => api.post<Source>('/sources/sample');

/** Unique enough to tell one send from another; the page may be on plain http. */
export const sendKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

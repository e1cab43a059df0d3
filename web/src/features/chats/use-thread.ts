import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { Message, MessageInput, Thread, ThreadPatch } from '@/api/types';
import type { Part } from '@/api/parts';
import {
  messagesOptions,
  patchThread,
  refreshAnswer,
  regenerate,
  removeMessage,
  sendKey,
  sendMessage,
  stopRun,
  threadKeys,
  threadOptions,
  type ChatMessage,
} from './api';
import { newestBranch } from './branch';
import { addToDraft, restoreDraft } from './use-draft';

/** While a run is active the lists are read again this often, in case the live link is down. */
const ACTIVE_REFRESH_MS = 10_000;

type MessageList = { data: ChatMessage[] };

function draftMessage(
  id: string,
  role: Message['role'],
  fields: Partial<ChatMessage>,
): ChatMessage {
  const parts: Part[] = [];
  const base = { id, role, parts, status: 'complete', metadata: {} } as const;
  return { ...base, created_at: new Date().toISOString(), ...fields };
}

/** A question shown at once, before the server has it. */
const optimistic = (text: string, queued: boolean) =>
  draftMessage(`sending-${sendKey()}`, 'user', {
    parts: [{ type: 'text', text, state: 'done' }],
    status: queued ? 'queued' : 'complete',
  });

/** A thread, its messages, and everything that changes them. */
export function useThread(id: string) {
  const client = useQueryClient();
  /** Counts refusals and drafts from elsewhere: the composer starts anew from the draft. */
  const [refused, setRefused] = useState(0);
  const thread = useQuery(threadOptions(id));
  const activeRun = thread.data?.active_run ?? null;
  const refetchInterval = activeRun ? ACTIVE_REFRESH_MS : (false as const);
  const list = useQuery({ ...messagesOptions(id), refetchInterval });

  const refresh = useCallback(
    () => client.invalidateQueries({ queryKey: threadKeys.one(id) }),
    [client, id],
  );
  const change = (update: (before: ChatMessage[]) => ChatMessage[]) =>
    client.setQueryData<MessageList>(threadKeys.messages(id), (before) => ({
      data: update(before?.data ?? []),
    }));

  const send = useMutation({
    mutationFn: ({ input, key }: { input: MessageInput; key: string }) =>
      sendMessage(id, input, key),
    onMutate: async ({ input }) => {
      await client.cancelQueries({ queryKey: threadKeys.messages(id) });
      const queued = activeRun !== null && input.mode !== 'send_now';
      const shown = optimistic(input.text, queued);
      change((before) => [...before, shown]);
      return shown;
    },
    onSuccess: ({ message_id: messageId, run_id: runId, queued }, _, shown) => {
      change((before) => {
        const named = before.map((one) =>
          one.id === shown.id ? { ...one, id: messageId, run_id: runId } : one,
        );
        if (queued || named.some((one) => one.role === 'assistant' && one.run_id === runId))
          return named;
        const answer = { run_id: runId, status: 'running' } as const;
        return [...named, draftMessage(`answer-${runId}`, 'assistant', answer)];
      });
      if (!queued)
        client.setQueryData<Thread>(threadKeys.one(id), (before) =>
          before ? { ...before, active_run: { id: runId, status: 'queued' } } : before,
        );
    },
    onError: (_, { input }, shown) => {
      restoreDraft(id, input.text);
      setRefused((count) => count + 1);
      change((before) => before.filter((one) => one.id !== shown?.id));
    },
    onSettled: () => void refresh(),
  });

  const patch = useMutation({
    mutationFn: (fields: ThreadPatch) => patchThread(id, fields),
    onMutate: (fields) =>
      client.setQueryData<Thread>(threadKeys.one(id), (before) =>
        before ? { ...before, ...fields } : before,
      ),
    onSettled: () => client.invalidateQueries({ queryKey: threadKeys.all }),
  });

  const stop = useMutation({ mutationFn: stopRun, onSettled: () => void refresh() });
  const again = useMutation({
    mutationFn: (message: string) => regenerate(id, message),
    onSettled: () => void refresh(),
  });
  const update = useMutation({
    mutationFn: (message: string) => refreshAnswer(id, message),
    onSettled: () => void refresh(),
  });
  const remove = useMutation({
    mutationFn: (message: string) => removeMessage(id, message),
    onMutate: (message) => change((before) => before.filter((one) => one.id !== message)),
    onSettled: () => void refresh(),
  });

  const draft = (text: string) => {
    addToDraft(id, text);
    setRefused((count) => count + 1);
  };
  const changes = { send, patch, stop, again, update, remove, draft };
  return { thread, list, activeRun, refused, refresh, ...changes };
}

export type ThreadState = ReturnType<typeof useThread>;

/** A question behind a run that is not its own waits in the composer, not in the transcript. */
export function splitQueued(messages: readonly ChatMessage[], activeRun: string | null) {
  const waits = (message: ChatMessage) =>
    message.status === 'queued' && activeRun !== null && message.run_id !== activeRun;
  const branch = newestBranch(messages);
  return {
    shown: branch.filter((message) => !waits(message)),
    queued: branch.filter((message) => waits(message) && message.role === 'user'),
  };
}

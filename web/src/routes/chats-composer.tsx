import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { sourcesQuery } from '@/api/resources';
import type { Thread } from '@/api/types';
import {
  asQuestion,
  chatMessages,
  Composer,
  isNew,
  messageText,
  QueuedMessages,
  restoreDraft,
  ScopeChips,
  sendKey,
  sqlCommand,
  UploadList,
  type ChatMessage,
  type Scope,
  type Suggestion,
  type ThreadState,
} from '@/features/chats';
import { queryKeys, runQuery } from '@/features/queries';
import { useT } from '@/lib/i18n';
import { ErrorPanel } from '@/ui';
import { useSuggest } from './chats-suggest';
import type { ScopedUploads } from './chats-uploads';

const AskedBefore = lazy(() => import('@/features/chats/asked-before'));

interface ThreadComposerProps {
  id: string;
  state: ThreadState;
  shown: readonly ChatMessage[];
  queued: readonly ChatMessage[];
  uploads: ScopedUploads;
  onSideQuery: (query: string) => void;
}

/** Says under the composer what `/sql` will do, or what it needs. */
export function useSqlHint(sourceIds: readonly string[]): (text: string) => string | null {
  const t = useT(chatMessages);
  const sources = useQuery(sourcesQuery).data?.data ?? [];
  const [only] = sources.filter(({ id }) => sourceIds.includes(id));
  return (text) => {
    if (sqlCommand(text) === null) return null;
    if (sourceIds.length !== 1 || !only) return t('needSource');
    return t('sqlHint', { source: only.name });
  };
}

/** Runs SQL in a thread without a model. */
export function useSideQuery(onMade: (thread: string, query: string) => void) {
  const client = useQueryClient();
  return useMutation({
    onError: (_, { thread, sql }) => restoreDraft(thread, `/sql ${sql}`),
    mutationFn: (input: { source: string; sql: string; thread: string }) =>
      runQuery({ source_id: input.source, sql: input.sql, thread_id: input.thread }),
    onSuccess: (version, { thread }) => {
      const { query_id: id, handle } = version;
      client.setQueryData(queryKeys.query(id), { query_id: id, handle, versions: [version] });
      onMade(thread, id);
    },
  });
}

const scopeOf = (thread: Thread | undefined): Scope => ({
  source_ids: thread?.source_ids ?? [],
  agent_id: thread?.agent_id ?? null,
  model_id: thread?.model_id ?? null,
});

/** The queries of the answers, latest first, by handle. */
function handles(shown: readonly ChatMessage[]): Suggestion[] {
  const found = new Map<string, string>();
  for (const { parts } of shown)
    for (const part of parts)
      if (part.type === 'data-query') found.set(part.data.handle, part.data.title ?? '');
  return [...found].reverse().map(([text, detail]) => ({ text, detail }));
}

export function ThreadComposer(props: ThreadComposerProps) {
  const { id, state, shown, queued, uploads, onSideQuery } = props;
  const t = useT(chatMessages);
  const { thread, activeRun, send, stop, remove, patch } = state;
  const scope = scopeOf(thread.data);
  const { source_ids: sourceIds } = scope;
  const hint = useSqlHint(sourceIds);
  const suggest = useSuggest(sourceIds, handles(shown));
  const navigate = useNavigate();
  const side = useSideQuery((_, query) => onSideQuery(query));

  const onSend = (text: string) => {
    if (isNew(text)) return void navigate({ to: '/chats/new' });
    const sql = sqlCommand(text);
    const [source] = sourceIds;
    if (sql !== null && source !== undefined && sourceIds.length === 1)
      side.mutate({ source, sql, thread: id });
    else if (sql === null) send.mutate({ input: { text: asQuestion(text) }, key: sendKey() });
  };
  const sendNow = (message: ChatMessage) => {
    const input = { text: messageText(message.parts), mode: 'send_now' as const };
    remove.mutate(message.id, { onSuccess: () => send.mutate({ input, key: sendKey() }) });
  };
  const stopping = stop.isPending || (stop.isSuccess && stop.variables === activeRun?.id);
  return (
    <>
      {side.error && <ErrorPanel error={side.error} title={t('sqlFailed')} />}
      <Composer
        key={state.refused + side.failureCount}
        thread={id}
        running={activeRun !== null}
        stopping={stopping}
        sending={side.isPending}
        history={shown.filter(({ role }) => role === 'user').map(({ parts }) => messageText(parts))}
        hint={hint}
        suggest={suggest}
        autoFocus
        onSend={onSend}
        onStop={() => {
          if (activeRun && !stopping) stop.mutate(activeRun.id);
        }}
        onFiles={uploads.add}
        above={
          <>
            <QueuedMessages
              queued={queued}
              onSendNow={sendNow}
              onRemove={(message) => remove.mutate(message.id)}
            />
            <UploadList uploads={uploads.uploads} />
          </>
        }
        before={(text) =>
          text.trim() === '' ? null : (
            <Suspense>
              <AskedBefore sourceIds={sourceIds} text={text} but={id} />
            </Suspense>
          )
        }
        chips={
          <ScopeChips
            scope={scope}
            onChange={({ agent_id: agent, ...change }) =>
              patch.mutate(agent ? { ...change, agent_id: agent } : change)
            }
          />
        }
      />
    </>
  );
}

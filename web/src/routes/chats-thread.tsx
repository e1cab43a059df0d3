import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';
import {
  AnswerError,
  answerBlocks,
  chatMessages,
  deleteThread,
  DropArea,
  splitQueued,
  threadKeys,
  ThreadHeader,
  Transcript,
  useSideQueries,
  useThread,
  type ChatMessage,
  type ThreadState,
} from '@/features/chats';
import { ConnectionNotice, useThreadChanges } from '@/features/runs';
import { useT } from '@/lib/i18n';
import { writeStored } from '@/lib/preferences';
import { ErrorPanel, Page, SkeletonRows, usePage } from '@/ui';
import { Answer } from './chats-answer';
import { useCards } from './chats-cards';
import { ThreadComposer } from './chats-composer';
import { useGoOn } from './chats-go-on';
import { LiveProvider } from './chats-live';
import { SideQueries } from './chats-side-queries';
import { useScopedUploads } from './chats-uploads';

const route = getRouteApi('/shell/chats/$thread');

export function ThreadPage() {
  const { thread } = route.useParams();
  return (
    <LiveProvider>
      <ThreadView key={thread} id={thread} />
    </LiveProvider>
  );
}

const isActive = (message: ChatMessage, activeRun: string | null) =>
  message.run_id != null &&
  (message.run_id === activeRun || message.status === 'running' || message.status === 'queued');

/** How much a reader could have missed: messages and the cards in them. */
const unitsOf = (messages: readonly ChatMessage[]) =>
  messages.reduce((sum, { parts }) => sum + 1 + answerBlocks(parts).length, 0);

function useThreadPage(id: string) {
  const t = useT(chatMessages);
  const state = useThread(id);
  const title = state.thread.data?.title;
  usePage(title || t('untitled'), [{ label: t('chats'), to: '/chats' }]);
  const found = state.thread.isSuccess;
  useEffect(() => {
    if (found) writeStored('last-thread', id);
  }, [found, id]);
  const { refresh } = state;
  useThreadChanges(id, () => void refresh());
  return state;
}

interface ConversationProps {
  id: string;
  state: ThreadState;
}

function Conversation({ id, state }: ConversationProps) {
  const { list, activeRun, again, refresh } = state;
  const cards = useCards(id);
  const side = useSideQueries(id, list.data?.data ?? []);
  const uploads = useScopedUploads(state);
  const runId = activeRun?.id ?? null;
  const { shown, queued } = splitQueued(list.data?.data ?? [], runId);
  const onEnd = useCallback(() => void refresh(), [refresh]);
  const last = shown.at(-1);
  const stopRun = () => {
    if (runId !== null && !state.stop.isPending) state.stop.mutate(runId);
  };

  const goOn = useGoOn(state);
  const answer = (message: ChatMessage, following: boolean) => {
    const repeat = message === last && runId === null ? () => again.mutate(message.id) : null;
    const active =
      isActive(message, runId) && message.run_id
        ? { id: message.run_id, onEnd, onStop: stopRun }
        : null;
    return (
      <Answer
        threadId={id}
        {...{ message, cards, following, active }}
        onRegenerate={repeat}
        onUpdate={() => state.update.mutate(message.id)}
        goOn={message === last && runId === null ? goOn : null}
      />
    );
  };
  return (
    <DropArea onFiles={uploads.add}>
      <ThreadTop id={id} state={state} />
      <Transcript
        messages={shown}
        answer={answer}
        after={<SideQueries threadId={id} ids={side.ids} />}
        units={unitsOf(shown) + side.ids.length}
      >
        <div className="flex flex-col gap-2">
          <ConnectionNotice />
          <Refusals state={state} />
          <ThreadComposer
            id={id}
            state={state}
            shown={shown}
            queued={queued}
            uploads={uploads}
            onSideQuery={side.refresh}
          />
        </div>
      </Transcript>
    </DropArea>
  );
}

function ThreadTop({ id, state }: ConversationProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: thread } = state.thread;
  if (!thread) return null;
  const remove = async () => {
    await deleteThread(id);
    writeStored('last-thread', '');
    await client.invalidateQueries({ queryKey: threadKeys.all, refetchType: 'none' });
    await navigate({ to: '/chats' });
  };
  return (
    <ThreadHeader
      thread={thread}
      onRename={(title) => state.patch.mutate({ title })}
      onDelete={() => void remove()}
    />
  );
}

/** What the server refused of the last thing that was tried, beside where it was tried. */
function Refusals({ state }: { state: ThreadState }) {
  const t = useT(chatMessages);
  return (
    <>
      {state.send.error && <ErrorPanel error={state.send.error} title={t('sendFailed')} />}
      {state.stop.error && <ErrorPanel error={state.stop.error} title={t('stopFailed')} />}
      {state.again.error && (
        <AnswerError failure={{ message: state.again.error.message }} onRetry={null} />
      )}
    </>
  );
}

function ThreadView({ id }: { id: string }) {
  const t = useT(chatMessages);
  const state = useThreadPage(id);
  const { thread, list } = state;
  const error = thread.error ?? list.error;
  if (error && !list.data) {
    const retry = () => void state.refresh();
    return (
      <Page title={t('chats')} width="reading">
        <ErrorPanel error={error} title={t('threadFailed')} onRetry={retry} />
      </Page>
    );
  }
  if (!thread.data || !list.data)
    return (
      <div className="mx-auto w-full max-w-3xl px-6 py-10">
        <SkeletonRows rows={8} label={t('loading')} />
      </div>
    );
  return <Conversation id={id} state={state} />;
}

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { messages as agentMessages, testMessages as messages } from '@/features/agents';
import {
  asQuestion,
  Composer,
  createThread,
  deleteThread,
  messageText,
  restoreDraft,
  sendKey,
  sendMessage,
  splitQueued,
  threadKeys,
  Transcript,
  useThread,
  type ChatMessage,
} from '@/features/chats';
import { useThreadChanges } from '@/features/runs';
import { useT } from '@/lib/i18n';
import { Button, ErrorPanel } from '@/ui';
import { LiveProvider } from './chats-live';

const TestAnswer = lazy(() => import('./agent-test-answer'));

const isActive = (message: ChatMessage, activeRun: string | null) =>
  message.run_id != null &&
  (message.run_id === activeRun || message.status === 'running' || message.status === 'queued');

interface NoteProps {
  note: string | null;
}

function Conversation({ id, note }: NoteProps & { id: string }) {
  const t = useT(messages);
  const state = useThread(id);
  const { list, activeRun, refresh, send, stop } = state;
  useThreadChanges(id, () => void refresh());
  const runId = activeRun?.id ?? null;
  const { shown } = splitQueued(list.data?.data ?? [], runId);
  const last = shown.at(-1);
  const onEnd = useCallback(() => void refresh(), [refresh]);
  const onStop = () => {
    if (runId !== null && !stop.isPending) stop.mutate(runId);
  };
  const answer = (message: ChatMessage, following: boolean) => (
    <Suspense>
      <TestAnswer
        {...{ id, state, message, following, onEnd }}
        active={isActive(message, runId)}
        last={message === last}
      />
    </Suspense>
  );
  return (
    <Transcript messages={shown} answer={answer} units={shown.length}>
      {send.error ? <ErrorPanel error={send.error} title={t('testFailed')} /> : null}
      <Composer
        key={state.refused}
        thread={id}
        running={runId !== null}
        stopping={stop.isPending}
        sending={send.isPending}
        history={shown.filter(({ role }) => role === 'user').map(({ parts }) => messageText(parts))}
        hint={() => note}
        onSend={(text) => send.mutate({ input: { text: asQuestion(text) }, key: sendKey() })}
        onStop={onStop}
        placeholder={t('testPlaceholder')}
        chips={null}
      />
    </Transcript>
  );
}

interface StartProps extends NoteProps {
  agent: string;
  starters: readonly string[];
  onStarted: (thread: string) => void;
}

/** Before the first question there is no thread; leaving without one leaves nothing behind. */
function Start({ agent, starters, note, onStarted }: StartProps) {
  const t = useT(messages);
  const form = useT(agentMessages);
  const draft = `test-${agent}`;
  const start = useMutation({
    mutationFn: async (text: string) => {
      const { id } = await createThread({ kind: 'test', agent_id: agent });
      await sendMessage(id, { text: asQuestion(text) }, sendKey());
      return id;
    },
    onError: (_, text) => restoreDraft(draft, text),
    onSuccess: onStarted,
  });
  return (
    <div className="flex min-h-0 flex-1 flex-col justify-end gap-3 overflow-y-auto px-4 pb-4">
      <p className="py-6 text-center text-sm text-subtle">{t('testEmpty')}</p>
      <ul aria-label={form('starters')} className="flex flex-col gap-2 empty:hidden">
        {starters.map((question) => (
          <li key={question}>
            <button
              type="button"
              onClick={() => {
                if (!start.isPending) start.mutate(question);
              }}
              className="w-full rounded-lg border border-line bg-surface px-3 py-2 text-left text-sm text-muted hover:border-accent hover:text-fg"
            >
              {question}
            </button>
          </li>
        ))}
      </ul>
      {start.error ? <ErrorPanel error={start.error} title={t('testFailed')} /> : null}
      <Composer
        key={start.failureCount}
        thread={draft}
        running={false}
        stopping={false}
        sending={start.isPending}
        history={[]}
        hint={() => note}
        onSend={(text) => start.mutate(text)}
        onStop={() => undefined}
        placeholder={t('testPlaceholder')}
        chips={null}
      />
    </div>
  );
}

/** The thread of a test lives as long as the page shows it. */
function useTestThread() {
  const client = useQueryClient();
  const [thread, setThread] = useState<string | null>(null);
  const current = useRef(thread);
  const forget = useCallback(() => {
    const id = current.current;
    current.current = null;
    if (id === null) return;
    client.removeQueries({ queryKey: threadKeys.one(id) });
    // Nobody waits for it; what is left behind shows in no list.
    deleteThread(id).catch(() => undefined);
  }, [client]);
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
      forget();
    };
  }, [forget]);
  const show = (id: string | null) => {
    forget();
    current.current = id;
    setThread(id);
    // The page was left while the thread was being made.
    if (!here.current) forget();
  };
  return { thread, show };
}

interface TestChatProps {
  agent: string;
  starters: readonly string[];
  /** The form beside it has changes that the draft lacks. */
  dirty: boolean;
  title: ReactNode;
}

/** A chat with the saved draft. */
export function TestChat({ agent, starters, dirty, title }: TestChatProps) {
  const t = useT(messages);
  const { thread, show } = useTestThread();
  const note = dirty ? t('testDirty') : null;
  return (
    <LiveProvider>
      <section
        aria-label={t('test')}
        className="flex h-[70dvh] min-h-96 flex-col lg:h-full rounded-lg border border-line bg-canvas"
      >
        <header className="flex items-start gap-3 border-b border-line px-4 py-3">
          <div className="min-w-0 flex-1">
            {title}
            <p className="text-xs text-subtle">{t('testLead')}</p>
          </div>
          {thread === null ? null : (
            <Button
              size="sm"
              icon={<RotateCcw aria-hidden className="size-3.5" />}
              onClick={() => show(null)}
            >
              {t('testNew')}
            </Button>
          )}
        </header>
        {thread === null ? (
          <Start agent={agent} starters={starters} note={note} onStarted={show} />
        ) : (
          <Conversation key={thread} id={thread} note={note} />
        )}
      </section>
    </LiveProvider>
  );
}

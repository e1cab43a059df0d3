import { Square } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import type { MessageMetadata } from '@/api/types';
import {
  AnswerBody,
  AnswerError,
  AnswerFooter,
  chatMessages,
  followUps,
  type AnswerFailure,
  type CardSlots,
  type ChatMessage,
} from '@/features/chats';
import {
  Announcer,
  useLiveRun,
  WorkLog,
  type LiveRun,
  type RunView,
  type WorkInput,
  type WorkStatus,
} from '@/features/runs';
import { useT } from '@/lib/i18n';
import { IconButton } from '@/ui';
import type { GoOn } from './chats-go-on';

const FollowUps = lazy(() => import('@/features/chats/follow-ups'));

/** Why the stored answer failed, with the id under which the server logged it. */
function storedFailure({ error }: MessageMetadata): AnswerFailure | null {
  if (!error) return null;
  const { error_id: errorId, ...rest } = error;
  return { ...rest, errorId: errorId ?? undefined };
}

interface AnswerProps {
  message: ChatMessage;
  cards: CardSlots;
  following: boolean;
  onRegenerate: (() => void) | null;
}

interface StoredAnswerProps extends AnswerProps {
  threadId: string;
  /** Fills the answer's figures from the newest results. */
  onUpdate: (() => void) | null;
  /** Goes on with a question; null on all but the last answer. */
  goOn: GoOn | null;
}

const STORED: Record<ChatMessage['status'], WorkStatus> = {
  complete: 'done',
  running: 'running',
  queued: 'queued',
  stopped: 'stopped',
  failed: 'failed',
};

function workInput(message: ChatMessage, status: WorkStatus, metadata: MessageMetadata): WorkInput {
  return {
    parts: message.parts,
    status,
    startedAt: metadata.started_at,
    finishedAt: metadata.finished_at,
    usage: metadata.usage,
    cost: metadata.cost,
  };
}

/** An answer that is finished: everything is in the message. */
export function StoredAnswer(props: StoredAnswerProps) {
  const { threadId, message, cards, following, onRegenerate, onUpdate, goOn } = props;
  const { metadata, parts, status } = message;
  const failure = storedFailure(metadata);
  const next = status === 'complete' ? followUps(parts) : null;
  return (
    <div data-testid="answer" data-state={status} className="flex min-w-0 flex-col gap-3">
      <WorkLog input={workInput(message, STORED[status], metadata)} following={following} />
      <AnswerBody parts={parts} cards={cards} onUpdate={onUpdate} onAsk={goOn?.ask ?? null} />
      {failure && <AnswerError failure={failure} onRetry={onRegenerate} />}
      <AnswerFooter
        threadId={threadId}
        messageId={message.id}
        parts={parts}
        metadata={metadata}
        createdAt={message.created_at}
        onRegenerate={onRegenerate}
      />
      {next && goOn && (
        <Suspense>
          <FollowUps questions={next.questions} onAsk={goOn.ask} onEdit={goOn.edit} />
        </Suspense>
      )}
    </div>
  );
}

const PHASES: Record<RunView['phase'], WorkStatus> = {
  pending: 'queued',
  running: 'running',
  finished: 'done',
  failed: 'failed',
  stopped: 'stopped',
};

/** What the log or the server calls a run that will not change any more. */
const OVER = new Set(['finished', 'failed', 'stopped', 'succeeded', 'cancelled', 'refused']);

/** The log decides once it has begun; before that only the server's status is known. */
function liveStatus({ view, status }: LiveRun, message: ChatMessage): WorkStatus {
  if (view.phase !== 'pending') return PHASES[view.phase];
  return status === 'running' || message.status === 'running' ? 'running' : 'queued';
}

function liveFailure(view: RunView): AnswerFailure | null {
  if (!view.failure) return null;
  const { text, ...rest } = view.failure;
  return { message: text, ...rest };
}

interface LiveAnswerProps extends AnswerProps {
  runId: string;
  /** The log says that the run is over; the lists on screen are old now. */
  onEnd: () => void;
  onStop: () => void;
}

/** The answer of the active run: drawn from its log, which is followed live. */
export function LiveAnswer({
  message,
  cards,
  following,
  runId,
  onEnd,
  onStop,
  onRegenerate,
}: LiveAnswerProps) {
  const t = useT(chatMessages);
  const run = useLiveRun(runId);
  const { view } = run;
  const ended = OVER.has(view.phase) || (run.status !== null && OVER.has(run.status));
  useEffect(() => {
    if (ended) onEnd();
  }, [ended, onEnd]);

  const started = view.seq > 0;
  const current = started ? { ...message, parts: [...view.parts] } : message;
  const metadata = { ...message.metadata, ...(view.metadata as MessageMetadata) };
  const failure = liveFailure(view);
  const input = workInput(current, liveStatus(run, message), metadata);
  return (
    <div data-testid="answer" data-state={input.status} className="flex min-w-0 flex-col gap-3">
      <Announcer view={view} />
      <WorkLog
        input={{ ...input, ahead: run.ahead }}
        following={following}
        action={
          ended ? null : (
            <IconButton
              label={t('stop')}
              size="sm"
              icon={<Square aria-hidden className="size-3 fill-current" />}
              onClick={onStop}
            />
          )
        }
      />
      <AnswerBody parts={started ? view.parts : message.parts} cards={cards} />
      {failure && <AnswerError failure={failure} onRetry={onRegenerate} />}
    </div>
  );
}

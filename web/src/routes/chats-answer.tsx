import { Square } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import type { Part } from '@/api/parts';
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

/** The run that an answer comes from, while it is active. */
interface ActiveRun {
  id: string;
  /** The log says that the run is over; the lists on screen are old now. */
  onEnd: () => void;
  onStop: () => void;
}

interface AnswerProps {
  threadId: string;
  message: ChatMessage;
  cards: CardSlots;
  following: boolean;
  /** Null for an answer that is finished: everything is in the message. */
  active: ActiveRun | null;
  onRegenerate: (() => void) | null;
  /** Fills the answer's figures from the newest results. */
  onUpdate: (() => void) | null;
  /** Goes on with a question; null on all but the last answer. */
  goOn: GoOn | null;
}

/** What there is to draw of an answer, from its message or from the log of its run. */
interface Look {
  state: string;
  parts: readonly Part[];
  work: WorkInput;
  failure: AnswerFailure | null;
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

function storedLook(message: ChatMessage): Look {
  const { metadata, parts, status } = message;
  const work = workInput(message, STORED[status], metadata);
  return { state: status, parts, work, failure: storedFailure(metadata) };
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

function liveLook(run: LiveRun, message: ChatMessage): Look {
  const { view, ahead } = run;
  const parts: readonly Part[] = view.seq > 0 ? view.parts : message.parts;
  const metadata = { ...message.metadata, ...(view.metadata as MessageMetadata) };
  const work = workInput({ ...message, parts: [...parts] }, liveStatus(run, message), metadata);
  return { state: work.status, parts, work: { ...work, ahead }, failure: liveFailure(view) };
}

const isOver = ({ view, status }: LiveRun) =>
  OVER.has(view.phase) || (status !== null && OVER.has(status));

/** Under an answer that is finished: what can be done with it, and what to ask next. */
function After({ message, threadId, onRegenerate, goOn }: AnswerProps) {
  const { metadata, parts, status } = message;
  const next = status === 'complete' ? followUps(parts) : null;
  return (
    <>
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
    </>
  );
}

/** What there is to see of an answer by now; says so once its run is over. */
function useLook({ message, active }: AnswerProps) {
  const run = useLiveRun(active?.id ?? null);
  const onEnd = active && isOver(run) ? active.onEnd : null;
  useEffect(() => onEnd?.(), [onEnd]);
  const look = active ? liveLook(run, message) : storedLook(message);
  return { ...look, view: run.view, onStop: active && !onEnd ? active.onStop : null };
}

function StopButton({ onStop }: { onStop: () => void }) {
  const t = useT(chatMessages);
  const icon = <Square aria-hidden className="size-3 fill-current" />;
  return <IconButton label={t('stop')} size="sm" icon={icon} onClick={onStop} />;
}

/**
 * An answer, drawn from the log of its run while that is active, which is followed live. It stays
 * the same when it is finished: a card keeps what somebody does with it.
 */
export function Answer(props: AnswerProps) {
  const { cards, following, active, onRegenerate, onUpdate, goOn } = props;
  const { state, parts, work, failure, view, onStop } = useLook(props);
  const free = active === null;
  return (
    <div data-testid="answer" data-state={state} className="flex min-w-0 flex-col gap-3">
      {free ? null : <Announcer view={view} />}
      <WorkLog
        key={free ? 'stored' : 'live'}
        input={work}
        following={following}
        action={onStop && <StopButton onStop={onStop} />}
      />
      <AnswerBody
        parts={parts}
        cards={cards}
        onUpdate={free ? onUpdate : null}
        onAsk={free && goOn ? goOn.ask : null}
      />
      {failure && <AnswerError failure={failure} onRetry={onRegenerate} />}
      {free && <After {...props} />}
    </div>
  );
}

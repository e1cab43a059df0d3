import { ArrowDown } from 'lucide-react';
import { Fragment, memo, type ReactNode } from 'react';
import { useT } from '@/lib/i18n';
import { Button } from '@/ui';
import { messageText } from './answer-blocks';
import type { ChatMessage } from './api';
import { messages as texts } from './messages';
import { useFollow } from './use-follow';

export interface TranscriptProps {
  messages: readonly ChatMessage[];
  /** Draws one answer; given by the page, which knows runs, queries and charts. */
  answer: (message: ChatMessage, following: boolean) => ReactNode;
  /** What was done beside the conversation, under it. */
  after?: ReactNode;
  /** How much there is to see, for the count on the button that leads back to the end. */
  units: number;
  /** The composer, under the scrolling part. */
  children: ReactNode;
}

const Question = memo(function Question({ message }: { message: ChatMessage }) {
  const t = useT(texts);
  return (
    <div className="flex justify-end">
      <div className="max-w-[85%] rounded-lg bg-accent-soft px-4 py-2.5 text-lg break-words whitespace-pre-wrap">
        <h2 className="sr-only">{message.author?.name ?? t('you')}</h2>
        {messageText(message.parts)}
      </div>
    </div>
  );
});

const modelName = (message: ChatMessage | undefined) => message?.metadata.model?.name;

/** Says between two answers that they came from different models. */
function ModelDivider({
  before,
  after,
}: {
  before: string | undefined;
  after: string | undefined;
}) {
  const t = useT(texts);
  if (before === undefined || after === undefined || before === after) return null;
  return (
    <p className="flex items-center gap-3 text-xs text-subtle before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
      {t('modelChanged', { before, after })}
    </p>
  );
}

/** A question with the answers to it; drawing is skipped while it is far out of view. */
interface Turn {
  key: string;
  messages: ChatMessage[];
}

function turnsOf(messages: readonly ChatMessage[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const turn = turns.at(-1);
    if (message.role === 'user' || !turn) turns.push({ key: message.id, messages: [message] });
    else turn.messages.push(message);
  }
  return turns;
}

export function Transcript(props: TranscriptProps) {
  const { messages, answer, after, units, children } = props;
  const t = useT(texts);
  const turns = turnsOf(messages);
  // Counted, not named: a question gets its id from the server while it is on screen.
  const asked = turns.length === 0 ? null : String(turns.length);
  const { scroller, content, following, onScroll, toEnd, fresh } = useFollow(asked, units);
  const answers = messages.filter(({ role }) => role === 'assistant');
  const previous = (message: ChatMessage) => answers[answers.indexOf(message) - 1];
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={scroller}
        data-testid="transcript"
        onScroll={onScroll}
        className="@container-[size] relative min-h-0 flex-1 overflow-y-auto sm:[scrollbar-gutter:stable_both-edges] [scrollbar-width:thin]"
      >
        <div
          ref={content}
          role="log"
          aria-live="off"
          aria-label={t('transcript')}
          className="mx-auto flex w-full max-w-4xl flex-col gap-8 px-4 pt-6 pb-8 sm:px-6"
        >
          {turns.map((turn, index) => (
            <article
              key={turn.key}
              // The last question can be at the top, however short its answer is.
              className={`flex flex-col gap-4 ${index === turns.length - 1 ? 'min-h-[calc(100cqh-3rem)]' : ''}`}
            >
              {turn.messages.map((message) => (
                <Fragment key={message.id}>
                  {message.role === 'user' ? (
                    <Question message={message} />
                  ) : (
                    <>
                      <ModelDivider
                        before={modelName(previous(message))}
                        after={modelName(message)}
                      />
                      {answer(message, following)}
                    </>
                  )}
                </Fragment>
              ))}
            </article>
          ))}
          {after}
        </div>
      </div>
      <div className="relative mx-auto w-full max-w-4xl px-4 pb-4 sm:px-6" data-print="hide">
        {!following && (
          <div className="pointer-events-none absolute inset-x-0 -top-11 z-10 flex justify-center *:pointer-events-auto max-sm:justify-end max-sm:pr-2">
            <Button
              size="sm"
              className="shadow-overlay"
              icon={<ArrowDown aria-hidden className="size-3.5" />}
              onClick={toEnd}
            >
              <span className="max-sm:sr-only">
                {fresh > 0 ? t('newParts', { count: fresh }) : t('latest')}
              </span>
            </Button>
          </div>
        )}
        {children}
      </div>
    </div>
  );
}

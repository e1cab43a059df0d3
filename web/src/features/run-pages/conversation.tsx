import { useQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { api } from '@/api/client';
import type { Part } from '@/api/parts';
import type { Message, RunRow } from '@/api/types';
import { useT } from '@/lib/i18n';
import { spokenOnce } from '@/lib/spoken';
import { ErrorPanel, SkeletonRows } from '@/ui';
import { Markdown, splitCards } from '@/ui/markdown';
import { isActive } from './api';
import { jsonText } from './json-text';
import { messages } from './run-messages';
import { Code } from './value-view';

type RunMessage = Message<Part>;

const LIVE_MS = 2000;

/** The question and the answer of a run, from its thread. */
export const conversationOptions = (run: RunRow) => ({
  queryKey: ['threads', run.thread_id ?? '', 'messages'] as const,
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    api.get<{ data: RunMessage[] }>(`/threads/${run.thread_id ?? ''}/messages`, { signal }),
  enabled: run.thread_id !== null,
  refetchInterval: isActive(run) ? LIVE_MS : (false as const),
});

export function answerOf(run: RunRow, all: readonly RunMessage[]): RunMessage | undefined {
  return all.find(({ id }) => id === run.message_id);
}

function ToolPart({ part }: { part: Extract<Part, { type: 'dynamic-tool' }> }) {
  const t = useT(messages);
  const binary = (size: string) => t('binary', { size });
  return (
    <details className="group rounded-md border border-line">
      <summary className="flex cursor-default items-center gap-1.5 px-3 py-1.5 text-sm text-muted">
        <ChevronRight aria-hidden className="size-3.5 group-open:rotate-90" />
        {t('toolCall', { name: part.title ?? part.toolName })}
      </summary>
      <div className="flex flex-col gap-2 p-3 pt-0">
        <Code text={jsonText(part.input, binary)} />
        {part.errorText === undefined ? (
          <Code text={jsonText(part.output, binary)} />
        ) : (
          <p className="text-sm text-danger">{part.errorText}</p>
        )}
      </div>
    </details>
  );
}

/** What a card in the text stands for: its handle and its title. */
function CardName({ handle, parts }: { handle: string; parts: readonly Part[] }) {
  const named = parts.findLast(
    (part) =>
      (part.type === 'data-query' || part.type === 'data-chart') && part.data.handle === handle,
  );
  const title =
    named?.type === 'data-query' || named?.type === 'data-chart' ? named.data.title : null;
  return (
    <p className="flex items-center gap-2 text-sm text-muted">
      <span className="nums rounded-sm bg-accent-soft px-1 text-xs text-accent">{handle}</span>
      {title}
    </p>
  );
}

function AnswerPart({ part, all }: { part: Part; all: readonly Part[] }) {
  if (part.type === 'reasoning')
    return <p className="text-sm whitespace-pre-wrap text-muted">{part.text}</p>;
  if (part.type === 'dynamic-tool') return <ToolPart part={part} />;
  if (part.type !== 'text') return null;
  return splitCards(part.text, false).map((segment, position) =>
    segment.kind === 'card' ? (
      <CardName key={position} handle={segment.handle} parts={all} />
    ) : (
      <Markdown key={position} text={segment.text} />
    ),
  );
}

/** An answer's parts: text as it reads, cards by name, tools folded or left out. */
export function AnswerParts({ parts, tools }: { parts: readonly Part[]; tools: boolean }) {
  const { texts } = spokenOnce(parts);
  return (
    <div className="flex flex-col gap-3">
      {parts.map((part, index) => {
        if (!tools && part.type !== 'text') return null;
        const text = texts[index];
        const shown = part.type === 'text' && text !== undefined ? { ...part, text } : part;
        return <AnswerPart key={index} part={shown} all={parts} />;
      })}
    </div>
  );
}

/** What was said, as it reads: the question, the tools folded, the answer. */
export function Conversation({ run }: { run: RunRow }) {
  const t = useT(messages);
  const loaded = useQuery(conversationOptions(run));
  if (loaded.error) return <ErrorPanel error={loaded.error} />;
  if (run.thread_id !== null && loaded.isPending)
    return <SkeletonRows rows={4} label={t('loading')} />;
  const all = loaded.data?.data ?? [];
  const answer = answerOf(run, all);
  if (!answer && !run.title) return <p className="text-sm text-muted">{t('noMessages')}</p>;
  return (
    <div className="flex flex-col gap-4">
      <section className="flex flex-col gap-1">
        <h3 className="text-xs text-subtle">{t('question')}</h3>
        <p className="whitespace-pre-wrap">{run.title}</p>
      </section>
      {answer ? (
        <section className="flex flex-col gap-1">
          <h3 className="text-xs text-subtle">{t('answer')}</h3>
          <AnswerParts parts={answer.parts} tools />
        </section>
      ) : null}
    </div>
  );
}

import { RotateCcw } from 'lucide-react';
import { lazy, memo, Suspense, type ReactNode } from 'react';
import type { NodeUsage } from '@/api/answer-parts';
import type { ChartRef, DocumentRef, Part, RequestData } from '@/api/parts';
import type { MessageMetadata, QueryVersion } from '@/api/types';
import { formatCompact, formatCount, formatMoney } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { IconButton, Time } from '@/ui';
import { answerBlocks } from './answer-blocks';
import { CitedText } from './cited-text';
import { CopyAnswer } from './copy-answer';
import { messages } from './messages';
import { SaveAnswer } from './save-answer';
import { TraceChip } from './trace-chip';

// Most answers have none of these.
const AnswerExtra = lazy(() => import('./answer-extra'));
const DefinitionChips = lazy(() => import('./definition-chips'));
const UsageByNode = lazy(() => import('./usage-by-node'));

/** Writes the answer again with the newest results; null where that cannot be. */
type OnUpdate = (() => void) | null;

/** Draws the cards of an answer; given by the page, because they belong to other features. */
export interface CardSlots {
  query: (version: QueryVersion, parts: readonly Part[], onUpdate: OnUpdate) => ReactNode;
  chart: (chart: ChartRef, onUpdate: OnUpdate) => ReactNode;
  document: (document: DocumentRef, onUpdate: OnUpdate) => ReactNode;
  request: (request: RequestData) => ReactNode;
}

interface AnswerBodyProps {
  parts: readonly Part[];
  cards: CardSlots;
  onUpdate?: OnUpdate;
  /** Asks something in answer to it; null where nothing can be asked. */
  onAsk?: ((question: string) => void) | null;
}

/** Text and cards, each block by itself: only the block that grows is drawn again. */
export const AnswerBody = memo(function AnswerBody(props: AnswerBodyProps) {
  const { parts, cards, onUpdate = null, onAsk = null } = props;
  const blocks = answerBlocks(parts);
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {blocks.map((block) => {
        if (block.kind === 'text')
          return (
            <div key={block.key} data-testid="answer-text" className="max-w-[45rem]">
              <CitedText text={block.text} cites={block.cites} onUpdate={onUpdate} />
            </div>
          );
        if (block.kind === 'card' || block.kind === 'options' || block.kind === 'refusal')
          return (
            <Suspense key={block.key}>
              <AnswerExtra block={block} onAsk={onAsk} onUpdate={onUpdate} />
            </Suspense>
          );
        return (
          <div key={block.key} className="min-w-0">
            {block.kind === 'query' ? cards.query(block.version, parts, onUpdate) : null}
            {block.kind === 'chart' ? cards.chart(block.chart, onUpdate) : null}
            {block.kind === 'document' ? cards.document(block.document, onUpdate) : null}
            {block.kind === 'request' ? cards.request(block.request) : null}
          </div>
        );
      })}
    </div>
  );
});

interface UsageNoteProps {
  metadata: MessageMetadata;
  at: string;
  byNode: Record<string, NodeUsage> | undefined;
}

function UsageNote({ metadata, at, byNode }: UsageNoteProps) {
  const t = useT(messages);
  const { usage, model } = metadata;
  const cost = metadata.cost ?? usage?.cost;
  const counts = [usage?.input_tokens, usage?.output_tokens].filter((count) => count != null);
  const tokens = counts.reduce((left, right) => left + right, 0);
  return (
    <span className="nums inline-flex flex-wrap gap-x-1.5 text-xs text-subtle">
      {model && <span>{model.name} ·</span>}
      {counts.length > 0 && (
        <span title={formatCount(tokens)}>
          {byNode ? (
            <Suspense fallback={t('tokens', { count: formatCompact(tokens) })}>
              <UsageByNode byNode={byNode}>
                {t('tokens', { count: formatCompact(tokens) })}
              </UsageByNode>
            </Suspense>
          ) : (
            t('tokens', { count: formatCompact(tokens) })
          )}{' '}
          ·
        </span>
      )}
      <span>{cost == null ? t('costUnknown') : formatMoney(cost)} ·</span>
      <Time iso={at} style="clock" />
    </span>
  );
}

interface AnswerFooterProps {
  threadId: string;
  messageId: string;
  parts: readonly Part[];
  metadata: MessageMetadata;
  createdAt: string;
  onRegenerate: (() => void) | null;
}

/** Copy, save, answer again, and what it cost; always there for keyboard and touch. */
export function AnswerFooter(props: AnswerFooterProps) {
  const { threadId, messageId, parts, metadata, createdAt, onRegenerate } = props;
  const t = useT(messages);
  const used = parts.flatMap((part) => (part.type === 'data-definition' ? [part.data] : []));
  const usage = parts.findLast((part) => part.type === 'data-usage')?.data;
  return (
    <div className="flex flex-wrap items-center gap-1" data-print="hide">
      <CopyAnswer parts={parts} />
      <SaveAnswer threadId={threadId} messageId={messageId} />
      {onRegenerate && (
        <IconButton
          label={t('regenerate')}
          size="sm"
          icon={<RotateCcw aria-hidden className="size-3.5" />}
          onClick={onRegenerate}
        />
      )}
      <TraceChip parts={parts} />
      {used.length > 0 && (
        <Suspense>
          <DefinitionChips definitions={used} />
        </Suspense>
      )}
      <span className="ml-1">
        <UsageNote
          metadata={metadata}
          at={metadata.finished_at ?? createdAt}
          byNode={usage?.by_node}
        />
      </span>
    </div>
  );
}

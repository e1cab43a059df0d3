import { Ban, Check, ChevronDown, CircleAlert, Clock, Hand } from 'lucide-react';
import { memo, useEffect, useId, useRef, useState, type ReactNode } from 'react';
import type { IntentData, ThinkingData } from '@/api/answer-parts';
import { cx } from '@/lib/cx';
import { formatShare } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { useNow } from '@/lib/use-now';
import { Spinner } from '@/ui';
import { messages } from './messages';
import { ToolRow } from './tool-row';
import { useLogOpen } from './use-log-open';
import { workHeader } from './work-header';
import {
  summariseWork,
  waitsForPerson,
  workState,
  type WorkInput,
  type WorkRow,
  type WorkState,
} from './work-log-model';

export interface WorkLogProps {
  input: WorkInput;
  /** Whether the transcript follows the end of the answer. */
  following: boolean;
  /** Beside the header: Stop while it runs. */
  action?: ReactNode;
}

const ICONS: Record<WorkState, { icon: ReactNode; tone: string }> = {
  queued: { icon: <Clock aria-hidden />, tone: 'text-subtle' },
  running: { icon: <Spinner />, tone: 'text-accent' },
  waiting: { icon: <Hand aria-hidden />, tone: 'text-warning' },
  stale: { icon: <Clock aria-hidden />, tone: 'text-warning' },
  done: { icon: <Check aria-hidden />, tone: 'text-success' },
  stopped: { icon: <Ban aria-hidden />, tone: 'text-subtle' },
  failed: { icon: <CircleAlert aria-hidden />, tone: 'text-danger' },
};

const LONG = 900;

interface IntentProps {
  intent: IntentData;
}

function Reasoning({ text, open, by }: { text: string; open: boolean; by?: string }) {
  const t = useT(messages);
  const [all, setAll] = useState(false);
  const long = text.length > LONG || text.split('\n').length > 12;
  return (
    <li className="py-1 text-sm text-muted">
      {by === undefined ? (
        <p className="sr-only">{t('reasoning')}</p>
      ) : (
        <p className="text-xs text-subtle">{by}</p>
      )}
      <p
        className={cx('break-words whitespace-pre-wrap', long && !all && !open && 'line-clamp-12')}
      >
        {text}
      </p>
      {long && !open && (
        <button
          type="button"
          className="text-xs text-accent hover:underline"
          onClick={() => setAll(!all)}
        >
          {t(all ? 'showLess' : 'showAll')}
        </button>
      )}
    </li>
  );
}

/** How the question was read, and why. */
function Intent({
  intent: { intent, reasoning, confidence, missing_slots: missing },
}: IntentProps) {
  const t = useT(messages);
  const sure = confidence === null ? null : t('sure', { share: formatShare(confidence) });
  return (
    <li data-testid="intent" data-intent={intent} className="py-1 text-sm">
      <p>{[t('readAs', { intent: t(`intent_${intent}`) }), sure].filter(Boolean).join(' · ')}</p>
      {reasoning && <p className="break-words text-muted">{reasoning}</p>}
      {missing.length > 0 && (
        <p className="text-subtle">{t('missing', { what: missing.join(', ') })}</p>
      )}
    </li>
  );
}

const NODES = ['router', 'quick_answer', 'research', 'explain', 'narrator'] as const;

/** What a step of the graph said to itself. */
function Thinking({ thinking: { node, text, status } }: { thinking: ThinkingData }) {
  const t = useT(messages);
  const known = NODES.find((name) => name === node);
  return (
    <Reasoning text={text} open={status === 'running'} by={known ? t(`node_${known}`) : node} />
  );
}

const Row = memo(function Row({ row }: { row: WorkRow }) {
  if (row.kind === 'tool') return <ToolRow row={row} />;
  if (row.kind === 'intent') return <Intent intent={row.intent} />;
  if (row.kind === 'thinking') return <Thinking thinking={row.thinking} />;
  if (row.kind === 'reasoning') return <Reasoning text={row.text} open={row.open} />;
  return <li className="py-1 text-sm text-warning">{row.text}</li>;
});

/** Rows in which a model told how it came to its answer. */
const SAID = new Set<WorkRow['kind']>(['reasoning', 'thinking', 'intent']);

/** Milliseconds since the parts last changed on this screen. */
function useQuiet(parts: unknown, now: number): number {
  const changed = useRef({ parts, at: now });
  const [since, setSince] = useState(now);
  useEffect(() => {
    if (changed.current.parts === parts) return;
    changed.current = { parts, at: Date.now() };
    setSince(changed.current.at);
  }, [parts]);
  return Math.max(0, now - since);
}

/** What was done for an answer: one line, and under it every step in the order of time. */
export function WorkLog({ input, following, action }: WorkLogProps) {
  const t = useT(messages);
  const id = useId();
  const now = useNow(input.status === 'running');
  const quietMs = useQuiet(input.parts, now);
  const state = workState(input.status, quietMs, waitsForPerson(input.parts));
  const [open, setOpen] = useLogOpen({ state, following });
  const summary = summariseWork(input);
  const { icon, tone } = ICONS[state];
  const { rows } = summary;
  const silent = state === 'done' && !rows.some(({ kind }) => SAID.has(kind));
  return (
    // A group, not a region: a chat has one for every answer, and landmarks would crowd it.
    <div
      role="group"
      data-testid="work-log"
      data-state={state}
      aria-label={t('workLog')}
      className="min-w-0"
    >
      <div className="flex items-center gap-2">
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
          className="flex min-h-7 min-w-0 items-center gap-2 rounded-sm text-sm text-muted hover:text-fg"
        >
          <span className={cx('flex size-4 items-center justify-center [&>svg]:size-3.5', tone)}>
            {icon}
          </span>
          <span className="nums truncate">
            {workHeader({ input, state, summary, now, quietMs }, t)}
          </span>
          <ChevronDown
            aria-hidden
            className={cx('size-3.5 shrink-0 text-subtle', !open && '-rotate-90')}
          />
        </button>
        {action}
      </div>
      <div id={id} hidden={!open} className="mt-1 ml-2 border-l border-line pl-4">
        <ol className="flex flex-col">
          {rows.map((row) => (
            <Row key={row.key} row={row} />
          ))}
        </ol>
        {rows.length === 0 && state !== 'done' && (
          <p className="py-1 text-sm text-subtle">
            {t(state === 'failed' || state === 'stopped' ? 'nothingDone' : 'noSteps')}
          </p>
        )}
        {silent && <p className="py-1 text-xs text-subtle">{t('noReasoning')}</p>}
      </div>
    </div>
  );
}

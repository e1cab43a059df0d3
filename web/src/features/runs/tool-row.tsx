import { Ban, Check, ChevronRight, CircleAlert, CircleDashed } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { ToolPart } from '@/api/parts';
import { cx } from '@/lib/cx';
import { formatDuration } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Spinner } from '@/ui';
import { messages } from './messages';
import type { WorkRow } from './work-log-model';

type ToolRowData = Extract<WorkRow, { kind: 'tool' }>;
export type ToolRowState =
  'preparing' | 'running' | 'done' | 'empty' | 'failed' | 'cancelled' | 'denied';

/** What the fold writes on a call that was open when the run was stopped. */
const STOPPED = 'Stopped.';

const BY_PART: Partial<Record<ToolPart['state'], ToolRowState>> = {
  'input-streaming': 'preparing',
  'input-available': 'running',
  'output-denied': 'denied',
};

/** What the reader is told about a tool call; a stopped one is not an error. */
export function toolState({ tool, queries }: ToolRowData): ToolRowState {
  const query = queries.at(-1);
  const early = BY_PART[tool.state];
  if (early !== undefined) return early;
  if (query?.status === 'cancelled' || tool.errorText === STOPPED) return 'cancelled';
  if (tool.state === 'output-error' || query?.status === 'failed') return 'failed';
  return query?.row_count === 0 ? 'empty' : 'done';
}

const LOOK: Record<ToolRowState, { icon: ReactNode; tone: string }> = {
  preparing: { icon: <CircleDashed aria-hidden />, tone: 'text-subtle' },
  running: { icon: <Spinner />, tone: 'text-accent' },
  done: { icon: <Check aria-hidden />, tone: 'text-subtle' },
  empty: { icon: <Check aria-hidden />, tone: 'text-subtle' },
  failed: { icon: <CircleAlert aria-hidden />, tone: 'text-danger' },
  cancelled: { icon: <Ban aria-hidden />, tone: 'text-subtle' },
  denied: { icon: <Ban aria-hidden />, tone: 'text-warning' },
};

const WORDS = {
  preparing: 'toolPreparing',
  running: 'toolRunning',
  done: 'toolDone',
  empty: 'toolEmpty',
  failed: 'toolFailed',
  cancelled: 'toolCancelled',
  denied: 'toolDenied',
} as const;

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 2);

function Arguments({ tool }: { tool: ToolPart }) {
  const t = useT(messages);
  const { input } = tool;
  const entries = typeof input === 'object' && input !== null ? Object.entries(input) : [];
  if (entries.length === 0) return <p className="text-subtle">{t('noArguments')}</p>;
  return (
    <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1">
      {entries.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-subtle">{name}</dt>
          <dd className="min-w-0 font-mono break-words whitespace-pre-wrap">{asText(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Details({ row }: { row: ToolRowData }) {
  const t = useT(messages);
  const { tool } = row;
  return (
    <div className="mt-1 mb-2 ml-5 flex flex-col gap-2 border-l border-line pl-3 text-xs">
      <Arguments tool={tool} />
      {tool.errorText !== undefined && (
        <p className="font-mono break-words whitespace-pre-wrap text-danger">{tool.errorText}</p>
      )}
      {tool.output !== undefined && (
        <div>
          <p className="text-subtle">{t('output')}</p>
          <pre className="max-h-48 overflow-auto whitespace-pre-wrap">{asText(tool.output)}</pre>
        </div>
      )}
    </div>
  );
}

/** Which query or chart the call made, and how big it is. */
function Subject({ row, state }: { row: ToolRowData; state: ToolRowState }) {
  const t = useT(messages);
  const made = row.queries.at(-1) ?? row.charts.at(-1);
  const query = row.queries.at(-1);
  const facts = [
    query?.row_count != null && t('rows', { count: query.row_count }),
    query?.elapsed_ms != null && formatDuration(query.elapsed_ms),
  ].filter(Boolean);
  return (
    <>
      <span className="min-w-0 truncate text-subtle">
        {[made?.handle, made?.title].filter(Boolean).join(' ')}
      </span>
      <span className="nums ml-auto shrink-0 text-xs text-subtle">
        {state === 'done' && facts.length > 0 ? facts.join(' · ') : t(WORDS[state])}
      </span>
    </>
  );
}

/** One tool call: what, how it stands, and on request its arguments and result. */
export function ToolRow({ row }: { row: ToolRowData }) {
  const [open, setOpen] = useState(false);
  const state = toolState(row);
  const { icon, tone } = LOOK[state];
  const { title, toolName, errorText } = row.tool;
  return (
    <li data-state={state}>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-7 w-full items-center gap-2 rounded-sm text-left text-sm text-muted hover:text-fg"
      >
        <span className={cx('flex size-4 items-center justify-center [&>svg]:size-3.5', tone)}>
          {icon}
        </span>
        <span className="shrink-0">{title ?? toolName}</span>
        <Subject row={row} state={state} />
        <ChevronRight
          aria-hidden
          className={cx('size-3.5 shrink-0 text-subtle', open && 'rotate-90')}
        />
      </button>
      {!open && state === 'failed' && (
        <p className="ml-6 line-clamp-2 text-xs text-danger">{errorText}</p>
      )}
      {open && <Details row={row} />}
    </li>
  );
}

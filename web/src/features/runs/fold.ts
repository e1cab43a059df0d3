import type { Part, RunEntry, RunPart, StageData, ToolPart } from '@/api/parts';

/**
 * Folds a run's log into the message it stands for. Twin of the server's `runs.fold`:
 * both are tested on `tests/fixtures/run_logs`, whose README states the rules.
 */

export type RunPhase = 'pending' | 'running' | 'finished' | 'failed' | 'stopped';

export interface RunFailure {
  text: string;
  code?: string;
  hint?: string;
  errorId?: string;
}

export interface RunView {
  /** Highest sequence number folded in; a smaller or equal one is ignored. */
  seq: number;
  messageId?: string;
  phase: RunPhase;
  parts: readonly Part[];
  /** Message metadata from `start`, `message-metadata` and `finish`, merged at the top level. */
  metadata: Readonly<Record<string, unknown>>;
  /** Every stage the run went through, with server times, oldest first. */
  stages: readonly StageData[];
  failure?: RunFailure;
  stopReason?: string;
  /** Indexes of open text and reasoning parts by `text:<id>` or `reasoning:<id>`. */
  open: Readonly<Record<string, number>>;
}

export const emptyRun: RunView = {
  seq: 0,
  phase: 'pending',
  parts: [],
  metadata: {},
  stages: [],
  open: {},
};

/** A view whose containers belong to this fold alone; the parts in it stay immutable. */
interface Draft extends RunView {
  parts: Part[];
  open: Record<string, number>;
}

type Handler = (draft: Draft, part: RunPart) => void;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const optional = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

function opener(type: 'text' | 'reasoning'): Handler {
  return (draft, part) => {
    draft.open[`${type}:${text(part.id)}`] = draft.parts.length;
    draft.parts.push({ type, text: '', state: 'streaming' });
  };
}

function appender(type: 'text' | 'reasoning'): Handler {
  return (draft, part) => {
    const index = draft.open[`${type}:${text(part.id)}`];
    const current = index === undefined ? undefined : draft.parts[index];
    if (index === undefined || current?.type !== type) return;
    draft.parts[index] = { ...current, text: current.text + text(part.delta) };
  };
}

function closer(type: 'text' | 'reasoning'): Handler {
  return (draft, part) => {
    const key = `${type}:${text(part.id)}`;
    const index = draft.open[key];
    const current = index === undefined ? undefined : draft.parts[index];
    if (index === undefined || current?.type !== type) return;
    draft.parts[index] = { ...current, state: 'done' };
    draft.open = Object.fromEntries(Object.entries(draft.open).filter(([name]) => name !== key));
  };
}

function closeTexts(draft: Draft): void {
  for (const index of Object.values(draft.open)) {
    const current = draft.parts[index];
    if (current?.type === 'text' || current?.type === 'reasoning')
      draft.parts[index] = { ...current, state: 'done' };
  }
  draft.open = {};
}

function knownTool(draft: Draft, callId: unknown): { index: number; tool?: ToolPart } {
  const index = draft.parts.findLastIndex(
    (part) => part.type === 'dynamic-tool' && part.toolCallId === callId,
  );
  const tool = draft.parts[index];
  return tool?.type === 'dynamic-tool' ? { index, tool } : { index: draft.parts.length };
}

/**
 * Moves a tool call to a new state; what belonged to an earlier outcome is dropped. A call that
 * was never announced is added only when the part names the tool.
 */
function putTool(draft: Draft, part: RunPart, change: Pick<ToolPart, 'state'> & Partial<ToolPart>) {
  const { index, tool } = knownTool(draft, part.toolCallId);
  const toolName = optional(part.toolName) ?? tool?.toolName;
  if (toolName === undefined) return;
  const title = optional(part.title) ?? tool?.title;
  draft.parts[index] = {
    type: 'dynamic-tool',
    toolName,
    toolCallId: text(part.toolCallId),
    input: tool?.input ?? null,
    ...(title === undefined ? {} : { title }),
    ...change,
  };
}

/** Ends whatever is still open; `reason` is what an unanswered tool call shows. */
function settle(draft: Draft, reason: string): void {
  closeTexts(draft);
  draft.parts = draft.parts.map((part) =>
    part.type === 'dynamic-tool' &&
    (part.state === 'input-streaming' || part.state === 'input-available')
      ? { ...part, state: 'output-error', errorText: reason }
      : part,
  );
}

function mergeMetadata(draft: Draft, part: RunPart): void {
  if (typeof part.messageMetadata === 'object' && part.messageMetadata !== null)
    draft.metadata = { ...draft.metadata, ...part.messageMetadata };
}

function putData(draft: Draft, part: RunPart): void {
  if (part.type === 'data-stage') draft.stages = [...draft.stages, part.data as StageData];
  if (part.transient === true) return;
  const id = optional(part.id);
  const made = { type: part.type, ...(id === undefined ? {} : { id }), data: part.data } as Part;
  const index =
    id === undefined
      ? -1
      : draft.parts.findIndex((old) => old.type === made.type && 'id' in old && old.id === id);
  if (index < 0) draft.parts.push(made);
  else draft.parts[index] = made;
}

const handlers: Record<string, Handler> = {
  start(draft, part) {
    draft.phase = 'running';
    draft.messageId = optional(part.messageId) ?? draft.messageId;
    mergeMetadata(draft, part);
  },
  'message-metadata': mergeMetadata,
  'start-step': (draft) => void draft.parts.push({ type: 'step-start' }),
  'finish-step': closeTexts,
  'reset-step'(draft) {
    const start = draft.parts.findLastIndex((part) => part.type === 'step-start');
    draft.parts = draft.parts.slice(0, start + 1);
    draft.open = {};
  },
  'text-start': opener('text'),
  'text-delta': appender('text'),
  'text-end': closer('text'),
  'reasoning-start': opener('reasoning'),
  'reasoning-delta': appender('reasoning'),
  'reasoning-end': closer('reasoning'),
  'tool-input-start': (draft, part) => {
    putTool(draft, part, { state: 'input-streaming' });
  },
  'tool-input-available': (draft, part) => {
    putTool(draft, part, { state: 'input-available', input: part.input ?? null });
  },
  'tool-input-error': (draft, part) => {
    const errorText = text(part.errorText);
    putTool(draft, part, { state: 'output-error', input: part.input ?? null, errorText });
  },
  'tool-output-available': (draft, part) => {
    putTool(draft, part, { state: 'output-available', output: part.output });
  },
  'tool-output-error': (draft, part) => {
    putTool(draft, part, { state: 'output-error', errorText: text(part.errorText) });
  },
  'tool-output-denied': (draft, part) => {
    putTool(draft, part, { state: 'output-denied' });
  },
  finish(draft, part) {
    mergeMetadata(draft, part);
    settle(draft, 'No result.');
    if (draft.phase === 'pending' || draft.phase === 'running') draft.phase = 'finished';
  },
  error(draft, part) {
    settle(draft, 'The run failed before this finished.');
    draft.phase = 'failed';
    draft.failure = {
      text: text(part.errorText),
      code: optional(part.code),
      hint: optional(part.hint),
      errorId: optional(part.error_id),
    };
  },
  abort(draft, part) {
    settle(draft, 'Stopped.');
    draft.phase = 'stopped';
    draft.stopReason = optional(part.reason);
  },
};

/** Folds entries in order; known sequence numbers and unknown part types change nothing. */
export function foldInto(view: RunView, entries: readonly RunEntry[]): RunView {
  const fresh = entries.filter(([seq]) => seq > view.seq);
  if (fresh.length === 0) return view;
  const draft: Draft = { ...view, parts: [...view.parts], open: { ...view.open } };
  for (const [seq, part] of fresh) {
    if (seq <= draft.seq) continue;
    draft.seq = seq;
    const handle = part.type.startsWith('data-') ? putData : handlers[part.type];
    handle?.(draft, part);
  }
  return draft;
}

import type { IntentData, ThinkingData } from '@/api/answer-parts';
import type { Part, StageData, ToolPart, UsageData } from '@/api/parts';
import type { ChartRef } from '@/api/parts';
import type { QueryVersion } from '@/api/types';

/** Everything a work log is drawn from; a live run and a stored message both fill it. */
export interface WorkInput {
  parts: readonly Part[];
  /** `queued`, `running`, … as the server says; finished messages give their own status. */
  status: WorkStatus;
  startedAt?: string | null;
  finishedAt?: string | null;
  usage?: UsageData | null;
  cost?: string | null;
  /** Messages ahead in the queue, when the server said. */
  ahead?: number | null;
  stoppedBy?: string | null;
}

export type WorkStatus = 'queued' | 'running' | 'done' | 'stopped' | 'failed';
export type WorkState = WorkStatus | 'stale' | 'waiting';

export type WorkRow =
  | { kind: 'reasoning'; key: string; text: string; open: boolean }
  | { kind: 'note'; key: string; text: string }
  | { kind: 'intent'; key: string; intent: IntentData }
  | { kind: 'thinking'; key: string; thinking: ThinkingData }
  | { kind: 'tool'; key: string; tool: ToolPart; queries: QueryVersion[]; charts: ChartRef[] };

export interface WorkSummary {
  rows: WorkRow[];
  queries: number;
  retries: number;
  steps: number;
  stage: StageData | null;
  tokens: number | null;
  cost: string | null;
}

/** After this long without a part, a running answer says so. */
export const STALE_AFTER_MS = 60_000;

/** The row that a part is by itself, if any. */
function rowOf(part: Part, key: string): WorkRow | null {
  switch (part.type) {
    case 'reasoning':
      return part.text.trim() === ''
        ? null
        : { kind: 'reasoning', key, text: part.text, open: part.state === 'streaming' };
    case 'data-step-note':
      return { kind: 'note', key, text: part.data.text };
    case 'data-intent':
      return { kind: 'intent', key, intent: part.data };
    case 'data-thinking':
      return part.data.text.trim() === '' ? null : { kind: 'thinking', key, thinking: part.data };
    case 'dynamic-tool':
      return { kind: 'tool', key: part.toolCallId, tool: part, queries: [], charts: [] };
    default:
      return null;
  }
}

/** Tool calls, reasoning and notes in the order in which they happened. */
export function workRows(parts: readonly Part[]): WorkRow[] {
  const rows: WorkRow[] = [];
  const lastTool = () => rows.findLast((row) => row.kind === 'tool');
  const sorted = parts.some(({ type }) => type === 'data-intent');
  parts.forEach((part, index) => {
    // What the router thought is told with what came of it.
    if (sorted && part.type === 'data-thinking' && part.data.node === 'router') return;
    const row = rowOf(part, String(index));
    if (row) rows.push(row);
    else if (part.type === 'data-query') lastTool()?.queries.push(part.data);
    else if (part.type === 'data-chart') lastTool()?.charts.push(part.data);
  });
  return rows;
}

function usageOf(input: WorkInput): UsageData {
  const streamed = input.parts.findLast((part) => part.type === 'data-usage')?.data;
  return { ...streamed, ...input.usage, cost: input.cost ?? input.usage?.cost ?? streamed?.cost };
}

const sum = (left?: number | null, right?: number | null) =>
  left == null && right == null ? null : (left ?? 0) + (right ?? 0);

export function summariseWork(input: WorkInput): WorkSummary {
  const rows = workRows(input.parts);
  const tools = rows.filter((row) => row.kind === 'tool');
  const usage = usageOf(input);
  return {
    rows,
    queries: new Set(tools.flatMap(({ queries }) => queries.map(({ query_id: id }) => id))).size,
    retries: tools.filter(({ tool }) => tool.state === 'output-error').length,
    steps: input.parts.filter(({ type }) => type === 'step-start').length,
    stage: input.parts.findLast((part) => part.type === 'data-stage')?.data ?? null,
    tokens: sum(usage.input_tokens, usage.output_tokens),
    cost: usage.cost ?? null,
  };
}

/** Whether a person is asked and has not answered. */
export const waitsForPerson = (parts: readonly Part[]): boolean =>
  parts.some((part) => part.type === 'data-request' && part.data.status === 'pending');

/** A running answer waits for a person, or is stale once quiet; all else is the server's word. */
export function workState(status: WorkStatus, quietMs: number, asked = false): WorkState {
  if (status === 'running' && asked) return 'waiting';
  return status === 'running' && quietMs > STALE_AFTER_MS ? 'stale' : status;
}

/** Milliseconds between two server times; null when one is missing. */
export function elapsedBetween(from?: string | null, to?: string | null): number | null {
  if (!from || !to) return null;
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** `0:12`, `12:05`, `1:02:05`. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const pad = (value: number) => String(value).padStart(2, '0');
  const tail = pad(seconds % 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${tail}` : `${minutes}:${tail}`;
}

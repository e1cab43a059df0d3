import type { RunRow, RunStep } from '@/api/types';

/** A step with everything that a row shows: where it stands, and what its parts add up to. */
export interface TreeRow {
  step: RunStep;
  depth: number;
  children: number;
  /** Tokens and money of the step and all below it. */
  tokens: number | null;
  cost: Cost;
  /** From its start to its end, or to now. */
  ms: number;
  /** Share of the parent's time or money, when it is worth a look. */
  share: 'much' | 'most' | null;
}

/** Money that may be known in part only: then `atLeast` is set and the sum is a lower bound. */
export interface Cost {
  known: number | null;
  atLeast: boolean;
}

const MUCH = 0.5;
const MOST = 0.75;

export const time = (iso: string): number => Date.parse(iso);

/** Milliseconds a step took, or has taken until `now`. */
export const lasted = (step: RunStep, now: number): number =>
  step.duration_ms ?? Math.max(0, now - time(step.started_at));

function addCost(into: Cost, more: Cost): Cost {
  const known = into.known === null ? more.known : into.known + (more.known ?? 0);
  return { known, atLeast: into.atLeast || more.atLeast };
}

function ownCost(step: RunStep): Cost {
  if (step.kind !== 'model') return { known: null, atLeast: false };
  if (step.cost !== null) return { known: Number(step.cost), atLeast: false };
  return { known: null, atLeast: step.status !== 'running' };
}

const ownTokens = (step: RunStep): number | null =>
  step.input_tokens === null && step.output_tokens === null
    ? null
    : (step.input_tokens ?? 0) + (step.output_tokens ?? 0);

/** Every row with its depth and the sums of what is below it. */
export function treeRows(steps: readonly RunStep[], now: number): TreeRow[] {
  const rows = new Map<string, TreeRow>();
  for (const step of steps) {
    const parent = step.parent_id === null ? undefined : rows.get(step.parent_id);
    if (parent) parent.children += 1;
    rows.set(step.id, {
      step,
      depth: parent ? parent.depth + 1 : 0,
      children: 0,
      tokens: ownTokens(step),
      cost: ownCost(step),
      ms: lasted(step, now),
      share: null,
    });
  }
  // Children come after their parents, so that walking back adds from the leaves up.
  for (const row of [...rows.values()].reverse()) addTo(parentOf(row, rows), row);
  for (const row of rows.values()) row.share = shareOf(row, rows);
  return [...rows.values()];
}

type Rows = ReadonlyMap<string, TreeRow>;

const parentOf = ({ step }: TreeRow, rows: Rows): TreeRow | undefined =>
  step.parent_id === null ? undefined : rows.get(step.parent_id);

function addTo(parent: TreeRow | undefined, row: TreeRow): void {
  if (!parent) return;
  parent.cost = addCost(parent.cost, row.cost);
  if (row.tokens !== null) parent.tokens = (parent.tokens ?? 0) + row.tokens;
}

function shareOf(row: TreeRow, rows: Rows): TreeRow['share'] {
  const parent = parentOf(row, rows);
  // An only child is always all of its parent; that says nothing.
  if (!parent || parent.children < 2) return null;
  const ofTime = parent.ms === 0 ? 0 : row.ms / parent.ms;
  const ofCost = parent.cost.known ? (row.cost.known ?? 0) / parent.cost.known : 0;
  const share = Math.max(ofTime, ofCost);
  return share > MOST ? 'most' : share > MUCH ? 'much' : null;
}

/** The rows that are not below a folded one. */
export function openRows(rows: readonly TreeRow[], folded: ReadonlySet<string>): TreeRow[] {
  const hidden = new Set<string>();
  return rows.filter(({ step }) => {
    const under = step.parent_id;
    const isHidden = under !== null && (hidden.has(under) || folded.has(under));
    if (isHidden) hidden.add(step.id);
    return !isHidden;
  });
}

export interface Extent {
  start: number;
  end: number;
}

/** From the moment the run began to wait to its end, or now. */
export function extentOf(run: RunRow, now: number): Extent {
  const start = time(run.created_at);
  const end = run.finished_at ? time(run.finished_at) : now;
  return { start, end: Math.max(end, start + 1) };
}

export interface Idle {
  start: number;
  end: number;
}

const LONG_IDLE = 0.3;

/** Stretches in which nothing worked, when they hide the rest: a third of the time or more. */
export function idleGaps(rows: readonly TreeRow[], extent: Extent, now: number): Idle[] {
  const busy = rows
    .filter(({ step }) => step.kind === 'model' || step.kind === 'tool')
    .map(({ step }) => [time(step.started_at), step.finished_at ? time(step.finished_at) : now])
    .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
  const gaps: Idle[] = [];
  let at = extent.start;
  for (const [start = 0, end = 0] of [...busy, [extent.end, extent.end]]) {
    if (start - at > (extent.end - extent.start) * LONG_IDLE) gaps.push({ start: at, end: start });
    at = Math.max(at, end);
  }
  return gaps;
}

const SQUEEZED = 0.04;

/** Where a moment stands on the axis, 0 to 1; idle stretches may be squeezed to slivers. */
export function axis(extent: Extent, squeezed: readonly Idle[]): (at: number) => number {
  const whole = extent.end - extent.start;
  const idle = squeezed.reduce((sum, gap) => sum + gap.end - gap.start, 0);
  const sliver = (whole - idle) * SQUEEZED || 1;
  const passed = (at: number) => {
    let length = at - extent.start;
    for (const gap of squeezed) {
      const covered = Math.min(Math.max(at - gap.start, 0), gap.end - gap.start);
      length -= covered * (1 - sliver / (gap.end - gap.start));
    }
    return length;
  };
  const total = passed(extent.end);
  return (at) => Math.min(1, Math.max(0, passed(at) / total));
}

import type { RunRow, RunStep, RunSteps } from '@/api/types';

const AT = '2026-11-18T14:02:00Z';
const LATER = '2026-11-18T14:02:04Z';

export function fakeRun(changes: Partial<RunRow> = {}): RunRow {
  return {
    id: 'r1',
    thread_id: 't1',
    message_id: 'm1',
    status: 'succeeded',
    attempt: 1,
    created_at: AT,
    started_at: AT,
    finished_at: LATER,
    model: { id: 'x', name: 'GPT' },
    usage: { input_tokens: 1200, output_tokens: 300 },
    cost: '0.0042',
    error: null,
    queue_position: null,
    kind: 'chat',
    graph: 'plain',
    title: 'How many orders?',
    thread_title: 'Orders',
    agent: { id: 'a1', name: 'Analyst', version: 3 },
    sources: [{ id: 's1', name: 'Retail sample' }],
    started_by: { kind: 'user', name: 'Dana Ray' },
    mine: true,
    cost_at_least: '0.0042',
    step_count: 3,
    error_count: 0,
    rerun_of: null,
    last_seq: 20,
    ...changes,
  };
}

export function fakeStep(changes: Partial<RunStep> = {}): RunStep {
  return {
    id: 'model',
    parent_id: null,
    kind: 'model',
    name: 'model',
    title: null,
    status: 'done',
    attempt: 1,
    attempts: 1,
    started_at: AT,
    finished_at: LATER,
    duration_ms: 4000,
    input_tokens: null,
    output_tokens: null,
    cost: null,
    calls: 1,
    error: null,
    query: null,
    request_id: null,
    tool_call_id: null,
    first_seq: 1,
    last_seq: 5,
    ...changes,
  };
}

export function fakeSteps(steps: RunStep[], changes: Partial<RunSteps> = {}): RunSteps {
  return {
    run_id: 'r1',
    steps,
    notes: [],
    total: steps.length,
    truncated: false,
    last_seq: 20,
    now: LATER,
    ...changes,
  };
}

import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Part, ToolPart } from '@/api/parts';
import { announcement } from './announcement';
import { emptyRun, foldInto } from './fold';
import { WorkLog } from './work-log';
import { clockText, summariseWork, workRows, workState, type WorkInput } from './work-log-model';

const tool = (state: ToolPart['state'], changes: Partial<ToolPart> = {}): ToolPart => ({
  type: 'dynamic-tool',
  toolName: 'execute_sql_query',
  toolCallId: `call-${state}`,
  title: 'Run SQL',
  state,
  input: { sql: 'SELECT 1' },
  ...changes,
});
const stage = (label: string): Part => ({
  type: 'data-stage',
  id: 'stage',
  data: { stage: 'running_query', label, at: '2026-11-20T14:02:01Z' },
});
const times = { startedAt: '2026-11-20T14:02:00Z', finishedAt: '2026-11-20T14:02:14Z' };

const header = () => screen.getByTestId('work-log').querySelector('button');
const state = () => screen.getByTestId('work-log').dataset.state;
const isOpen = () => header()?.getAttribute('aria-expanded') === 'true';
const show = (input: Partial<WorkInput>, following = true) => {
  const log = (changes: Partial<WorkInput>, follow: boolean) => (
    <WorkLog input={{ parts: [], status: 'done', ...changes }} following={follow} />
  );
  const view = render(log(input, following));
  return (changes: Partial<WorkInput>, follow = true) => view.rerender(log(changes, follow));
};

describe('the header', () => {
  it('names the stage and the time while it runs', () => {
    const startedAt = new Date(Date.now() - 12_400).toISOString();
    show({ status: 'running', parts: [stage('Running query 2')], startedAt });
    expect(header()?.textContent).toBe('Working · Running query 2 · 0:12');
    expect(state()).toBe('running');
  });

  it('adds up what was done, from server times', () => {
    const parts: Part[] = [tool('output-error'), tool('output-available')];
    show({ parts, ...times, usage: { input_tokens: 4000, output_tokens: 100 }, cost: '0.004' });
    expect(header()?.textContent).toBe('Worked for 14.0 s · 1 retry · 4.1k tokens · $0.0040');
  });

  it('never shows an unknown cost as nothing', () => {
    show({ ...times });
    expect(header()?.textContent).toContain('cost unknown');
  });

  it.each([
    [{ status: 'queued', ahead: 2 }, 'Queued · 2 ahead'],
    [{ status: 'queued' }, 'Queued · waiting for a free runner'],
    [{ status: 'stopped', ...times }, 'Stopped by you at 0:14 · partial answer kept'],
    [{ status: 'failed', parts: [{ type: 'step-start' }] }, 'Failed at step 1'],
    [{ status: 'failed' }, 'Failed before the first step'],
  ] satisfies [Partial<WorkInput>, string][])('%o reads %s', (input, text) => {
    show(input);
    expect(header()?.textContent).toBe(text);
  });

  it('calls a running answer stale after a minute of silence, and no other', () => {
    expect(workState('running', 60_000)).toBe('running');
    expect(workState('running', 60_001)).toBe('stale');
    expect(workState('queued', 600_000)).toBe('queued');
    expect(workState('done', 600_000)).toBe('done');
  });

  it('writes clocks of any length', () => {
    expect(['0', '725000', '3725000'].map((ms) => clockText(Number(ms)))).toEqual([
      ...['0:00', '12:05', '1:02:05'],
    ]);
  });
});

describe('opening and closing', () => {
  it('is open while working and closes once when done', () => {
    const change = show({ status: 'running' });
    expect(isOpen()).toBe(true);
    change({ status: 'done' });
    expect(isOpen()).toBe(false);
  });

  it('stays as it is for a reader who is not following', () => {
    const change = show({ status: 'running' }, false);
    change({ status: 'done' }, false);
    expect(isOpen()).toBe(true);
  });

  it('stays as the reader left it', async () => {
    const user = userEvent.setup();
    const change = show({ status: 'running' });
    await user.click(header() as Element);
    await user.click(header() as Element);
    change({ status: 'done' });
    expect(isOpen()).toBe(true);
  });

  it('opens by itself when the run failed, and is closed for one that was done before', () => {
    const change = show({ status: 'done' });
    expect(isOpen()).toBe(false);
    act(() => change({ status: 'failed' }));
    expect(isOpen()).toBe(true);
  });
});

describe('the rows', () => {
  it('are reasoning, notes and tools in order, with what each tool made', () => {
    const parts: Part[] = [
      { type: 'reasoning', text: 'Think.', state: 'done' },
      tool('output-error', { errorText: 'no column rev' }),
      { type: 'data-step-note', data: { text: 'Using revenue' } },
      tool('output-available'),
    ];
    expect(workRows(parts).map(({ kind }) => kind)).toEqual(['reasoning', 'tool', 'note', 'tool']);
    expect(summariseWork({ parts, status: 'done' })).toMatchObject({ retries: 1, queries: 0 });
  });

  it.each([
    ['input-streaming', 'preparing'],
    ['input-available', 'running'],
    ['output-available', 'done'],
    ['output-error', 'failed'],
    ['output-denied', 'denied'],
  ] satisfies [ToolPart['state'], string][])('shows a tool at %s as %s', (given, shown) => {
    show({ status: 'running', parts: [tool(given)] });
    expect(screen.getByRole('listitem').dataset.state).toBe(shown);
  });

  it('shows a call that Stop ended as stopped, not as failed', () => {
    show({ status: 'running', parts: [tool('output-error', { errorText: 'Stopped.' })] });
    expect(screen.getByRole('listitem').dataset.state).toBe('cancelled');
  });

  it('unfold to arguments and result', async () => {
    const user = userEvent.setup();
    show({ status: 'running', parts: [tool('output-available', { output: { rows: 7 } })] });
    await user.click(screen.getByRole('button', { name: /Run SQL/ }));
    expect(screen.getByText('SELECT 1')).toBeTruthy();
    expect(screen.getByText(/"rows": 7/)).toBeTruthy();
  });
});

describe('what a graph tells of itself', () => {
  const intent: Part = {
    type: 'data-intent',
    id: 'intent',
    data: {
      intent: 'clarify',
      reasoning: 'Two columns are called revenue.',
      confidence: 0.82,
      language: 'en',
      missing_slots: ['period'],
      by: 'model',
    },
  };
  const thinking = (text: string): Part => ({
    type: 'data-thinking',
    id: 'research:1',
    data: { node: 'research', text, status: 'done' },
  });

  it('is in the work log: how the question was read, and what steps thought', () => {
    const parts = [intent, thinking('First the months.'), thinking(' ')];
    render(<WorkLog following input={{ parts, status: 'done', ...times }} />);
    expect(screen.getByTestId('intent')).toHaveTextContent(
      'Read as: a question that can mean several things · 82% sure' +
        'Two columns are called revenue.Not said: period',
    );
    expect(screen.getByText('First the months.')).toBeInTheDocument();
    expect(screen.getByText('Research')).toBeInTheDocument();
    expect(screen.queryByText('This model does not share its reasoning.')).toBeNull();
    expect(workRows(parts)).toHaveLength(2);
  });

  it('tells what the router thought until it has come to a kind', () => {
    const router: Part = {
      type: 'data-thinking',
      id: 'router:0',
      data: { node: 'router', text: 'Two columns are called revenue.', status: 'running' },
    };
    expect(workRows([router]).map(({ kind }) => kind)).toEqual(['thinking']);
    expect(workRows([router, intent]).map(({ kind }) => kind)).toEqual(['intent']);
  });
});

describe('announcements', () => {
  const t = (key: string, params?: object) => `${key} ${JSON.stringify(params ?? {})}`;

  it('tell stages and the end, never the text', () => {
    const running = foldInto(emptyRun, [
      [1, { type: 'start' }],
      [
        2,
        { type: 'data-stage', id: 'stage', data: { stage: 'thinking', label: 'Thinking', at: '' } },
      ],
    ]);
    const before = announcement(running, t);
    const writing = foldInto(running, [
      [3, { type: 'text-start', id: 't' }],
      [4, { type: 'text-delta', id: 't', delta: 'secret words' }],
    ]);
    expect(announcement(writing, t)).toBe(before);
    const done = foldInto(writing, [
      [5, { type: 'data-chart', id: 'c1', data: {} }],
      [6, { type: 'finish' }],
    ]);
    expect(announcement(done, t)).toBe('sayReady {"tables":0,"charts":1}');
  });
});

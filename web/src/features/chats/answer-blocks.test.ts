import { describe, expect, it } from 'vitest';
import type { ChartRef, Part } from '@/api/parts';
import type { QueryVersion } from '@/api/types';
import { answerBlocks } from './answer-blocks';
import { plainText, withReferences } from './copy-forms';
import { sqlCommand } from './commands';
import { newestBranch } from './branch';
import { splitQueued } from './use-thread';
import type { ChatMessage } from './api';

const query = (handle: string, changes: Partial<QueryVersion> = {}): Part => {
  const version: QueryVersion = {
    query_id: `id-${handle}`,
    handle,
    version: 1,
    sql: 'SELECT 1',
    source_id: 's1',
    source_name: 'Retail sample',
    status: 'done',
    author: { kind: 'agent', name: 'Analyst' },
    columns: [],
    truncated: false,
    row_limit: 1000,
    ran_at: '2026-11-20T14:02:00Z',
    ...changes,
  };
  return { type: 'data-query', id: `${version.query_id}:${version.version}`, data: version };
};
const chart = (handle: string): Part => {
  const data: ChartRef = {
    chart_id: `id-${handle}`,
    handle,
    title: 'Revenue',
    version: 1,
    result_id: 'r1',
    query_handle: 'Q1',
    query_version: 1,
  };
  return { type: 'data-chart', id: data.chart_id, data };
};
const text = (value: string): Part => ({ type: 'text', text: value, state: 'done' });
const outline = (parts: Part[]) =>
  answerBlocks(parts).map((block) => {
    if (block.kind === 'text') return block.text.trim();
    return block.kind === 'query' ? block.version.handle : 'chart' in block && block.chart.handle;
  });

describe('answerBlocks', () => {
  it('puts cards where the text says, once, and the others where they were made', () => {
    const parts = [
      query('Q1'),
      query('Q2'),
      chart('C1'),
      text('A {{card C1}} b {{card Q1}} {{card Q1}}'),
    ];
    expect(outline(parts)).toEqual(['Q2', 'A', 'C1', 'b', 'Q1']);
  });

  it('hides a failed statement that a later one made good, and shows one that was not', () => {
    const failed = query('Q1', { status: 'failed' });
    expect(outline([failed, query('Q2')])).toEqual(['Q2']);
    expect(outline([query('Q2'), failed])).toEqual(['Q2', 'Q1']);
  });

  it('shows the newest version of a query', () => {
    const [block] = answerBlocks([query('Q1'), query('Q1', { version: 2 })]);
    expect(block?.kind === 'query' && block.version.version).toBe(2);
  });

  it('drops a placeholder for something that does not exist', () => {
    expect(outline([text('A {{card Q9}} b')])).toEqual(['A', 'b']);
  });

  it('copies as text with the handles of its cards', () => {
    expect(plainText([query('Q1'), text('**Sum**: {{card Q1}}')])).toBe('Sum:\n\n[Q1]');
  });
});

describe('receipts', () => {
  const cite = (at: number, shown: string): Part => ({
    type: 'data-citation',
    id: `c${at}`,
    data: {
      text: 0,
      start: at,
      end: at + shown.length,
      shown,
      kind: 'exact',
      value: shown,
      type: 'int64',
      formula: 'Q1[0].n',
      format: null,
      cells: [
        {
          query: 'Q1',
          version: 1,
          query_id: 'q',
          result_id: 'r',
          row: 0,
          key: { region: 'North' },
          column: 'n',
          value: shown,
          line: null,
          source: 'Shop',
          ran_at: '2026-01-02T03:04:05Z',
        },
      ],
      reason: null,
    },
  });

  it('belong to the text of their step, with offsets in the piece between cards', () => {
    const parts: Part[] = [
      { type: 'step-start' },
      text('Earlier 5'),
      { type: 'step-start' },
      text('A {{card Q1}} has 120.'),
      query('Q1'),
      cite(18, '120'),
    ];
    const found = answerBlocks(parts).flatMap((block) =>
      block.kind === 'text'
        ? block.cites.map(({ start, end }) => block.text.slice(start, end))
        : [],
    );
    expect(found).toEqual(['120']);
  });

  it('are copied as references below the text', () => {
    const copied = withReferences([text('North has 120.'), cite(10, '120')]);
    expect(copied).toBe(
      'North has 120[^1].\n\n[^1]: 120 (exact) · Q1 v1, region=North, n = 120 · Shop, 2026-01-02T03:04:05Z',
    );
  });
});

describe('sqlCommand', () => {
  it.each([
    ['/sql SELECT 1', 'SELECT 1'],
    ['  /SQL\nSELECT 1  ', 'SELECT 1'],
    ['/sql', ''],
    ['/sqlite is nice', null],
    ['what is /sql?', null],
  ])('reads %s', (input, sql) => expect(sqlCommand(input)).toBe(sql));
});

it('keeps a question that waits for another run out of the transcript', () => {
  const message = (id: string, run: string, status: ChatMessage['status']): ChatMessage => ({
    id,
    role: 'user',
    parts: [],
    run_id: run,
    status,
    metadata: {},
    created_at: '2026-11-20T14:02:00Z',
  });
  const list = [message('a', 'r1', 'complete'), message('b', 'r2', 'queued')];
  expect(splitQueued(list, 'r1').queued.map(({ id }) => id)).toEqual(['b']);
  expect(splitQueued(list, 'r1').shown.map(({ id }) => id)).toEqual(['a']);
  expect(splitQueued(list, 'r2').queued).toEqual([]);
});

describe('newestBranch', () => {
  const message = (id: string, parent: string | null, role: ChatMessage['role']): ChatMessage => ({
    id,
    parent_id: parent,
    role,
    parts: [],
    status: 'complete',
    metadata: {},
    created_at: '2026-11-20T14:02:00Z',
  });
  const ids = (list: ChatMessage[]) => newestBranch(list).map(({ id }) => id);

  it('shows the newest of several answers to a question, and what follows it', () => {
    const list = [message('q1', null, 'user'), message('a1', 'q1', 'assistant')];
    expect(ids([...list, message('a2', 'q1', 'assistant')])).toEqual(['q1', 'a2']);
    const onward = [message('a2', 'q1', 'assistant'), message('q2', 'a2', 'user')];
    expect(ids([...list, ...onward])).toEqual(['q1', 'a2', 'q2']);
  });

  it('keeps what was only just sent at the end', () => {
    const list = [message('q1', null, 'user'), message('a1', 'q1', 'assistant')];
    expect(ids([...list, message('sending-1', null, 'user')])).toEqual(['q1', 'a1', 'sending-1']);
    expect(ids([message('sending-1', null, 'user')])).toEqual(['sending-1']);
  });
});

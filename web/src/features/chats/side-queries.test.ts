import { expect, it } from 'vitest';
import type { QueryVersion } from '@/api/types';
import type { ChatMessage } from './api';
import { sideQueries } from './side-queries';

const query = (id: string, kind: 'agent' | 'user'): QueryVersion => ({
  ...{ query_id: id, handle: id, version: 1, sql: 'SELECT 1', source_id: 's', source_name: 'S' },
  ...{ status: 'done', columns: [], truncated: false, row_limit: 10, ran_at: '2026-11-20' },
  author: { kind, name: 'Dana' },
});

it('shows beside the conversation what a person ran and no answer holds', () => {
  const edited = query('q2', 'user');
  const answer: ChatMessage = {
    ...{ id: 'a1', role: 'assistant', status: 'complete', metadata: {}, created_at: '2026-11-20' },
    parts: [{ type: 'data-query', data: query('q2', 'agent') }],
  };
  const queries = [query('q1', 'user'), edited, query('q3', 'agent'), query('q4', 'user')];
  expect(sideQueries(queries, [answer])).toEqual(['q1', 'q4']);
});

import type { InboxDetail, RequestAction } from '@/api/types';

const AT = '2026-11-18T14:02:00Z';

export function fakeAction(changes: Partial<RequestAction> = {}): RequestAction {
  return {
    id: 'c1',
    name: 'clean_table',
    title: 'Clean a table',
    args: { table: 'orders', limit: 10, mode: 'fast' },
    args_schema: {
      type: 'object',
      properties: {
        table: { type: 'string' },
        limit: { type: 'integer', title: 'Row limit' },
        mode: { type: 'string', enum: ['fast', 'safe'] },
      },
      required: ['table'],
    },
    response_schema: null,
    description: null,
    tool_call_id: 'call1',
    allow: { approve: true, edit: true, reject: true, respond: true },
    ...changes,
  };
}

export function fakeRequest(changes: Partial<InboxDetail> = {}): InboxDetail {
  return {
    id: 'q1',
    number: 7,
    kind: 'approval',
    status: 'pending',
    title: 'Steward wants to clean orders (about 10 rows)',
    description: '',
    reason: 'Ten rows are duplicates.',
    rule: 'Writes need approval.',
    risk: 'write',
    dialect: 'native',
    actions: [fakeAction()],
    preview: null,
    run_id: 'r1',
    step_id: null,
    thread_id: 't1',
    agent: { id: 'a1', name: 'Steward' },
    source: { id: 's1', name: 'Retail sample' },
    owner: { id: 'u1', name: 'Dana Ray' },
    assignee: null,
    requires: 1,
    approvals: 0,
    excludes_owner: false,
    created_at: AT,
    expires_at: null,
    on_expiry: 'reject',
    snoozed_until: null,
    escalated_at: null,
    read_at: AT,
    decided_at: null,
    decided_by: null,
    note: '',
    revision: 3,
    correlation_id: '',
    may_decide: true,
    envelope: null,
    decisions: [],
    history: [{ at: AT, by: 'Steward', what: 'opened', detail: {} }],
    similar: [],
    ...changes,
  };
}

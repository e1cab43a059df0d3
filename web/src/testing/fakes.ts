import type {
  Agent,
  AgentDefinition,
  DefinitionDetail,
  Model,
  ServerStatus,
  Session,
  Source,
  Thread,
  Worker,
} from '@/api/types';

/* Whole objects with every field, and the few that matter to a test replaced. */

const AT = '2026-11-18T14:02:00Z';

export const SCOPES = [
  'agent:get agent:manage source:get source:create source:update source:delete query:run query:get chart:get chart:update',
  'thread:get thread:create thread:update thread:delete run:get run:create run:stop request:get request:decide model:get model:manage',
  'member:get member:manage token:manage audit:get worker:get worker:manage org:get org:manage',
  'usage:get budget:manage definition:get definition:create definition:certify http:send webhook:manage document:get document:update',
].flatMap((line) => line.split(' '));

export function fakeSession(changes: Partial<Session> = {}): Session {
  return {
    user: { id: 'u1', name: 'Dana Ray', email: 'dana@example.org' },
    organization: { id: 'o1', name: 'Acme', slug: 'acme' },
    role: 'owner',
    scopes: SCOPES,
    ...changes,
  };
}

export function fakeStatus(changes: Partial<ServerStatus> = {}): ServerStatus {
  return {
    workers: { online: 1 },
    model: { configured: true, id: 'm1', name: 'GPT', provider: 'openai', is_demo: false },
    version: '0.1.0',
    limits: {
      upload_max_bytes: 512 * 1024 * 1024,
      upload_formats: ['.csv', '.tsv', '.parquet', '.json', '.jsonl', '.ndjson', '.xlsx'],
    },
    ...changes,
  };
}

export function fakeWorker(changes: Partial<Worker> = {}): Worker {
  return {
    id: 'w1',
    number: 1,
    name: 'worker',
    host: 'db-host',
    state: 'online',
    health: 'ok',
    version: '0.1.0',
    upgrade: null,
    engines: ['files', 'postgresql'],
    sources: [],
    slots: 8,
    load: 0,
    platform: false,
    connected_at: AT,
    last_seen_at: AT,
    last_error: null,
    last_error_at: null,
    created_at: AT,
    ...changes,
  };
}

export function fakeModel(changes: Partial<Model> = {}): Model {
  return {
    id: 'm1',
    number: 1,
    name: 'GPT',
    provider: 'openai',
    model_name: 'gpt-5',
    endpoint_url: null,
    is_active: true,
    is_demo: false,
    key: { configured: true, last4: 'x7Q2', updated_at: AT },
    price: { input: 1.25, output: 10 },
    context_window: 128_000,
    parameters: {},
    tested_at: AT,
    test_ok: true,
    ...changes,
  };
}

export function fakeSource(changes: Partial<Source> = {}): Source {
  return {
    id: 's1',
    number: 1,
    name: 'Retail sample',
    engine: 'files',
    status: 'ready',
    last_error: null,
    sample: true,
    table_count: 4,
    config: {},
    has_password: false,
    created_at: AT,
    checked_at: AT,
    weak_role: null,
    private: false,
    private_columns: [],
    ...changes,
  };
}

export function fakeAgent(changes: Partial<Agent> = {}): Agent {
  return {
    id: 'a1',
    number: 1,
    name: 'Analyst',
    slug: 'analyst',
    description: 'Answers questions.',
    visibility: 'organization',
    owner: null,
    builtin: true,
    published_version: 1,
    draft_revision: 1,
    has_changes: false,
    model_id: null,
    source_ids: null,
    starters: [],
    archived_at: null,
    last_run_at: null,
    created_at: AT,
    updated_at: AT,
    ...changes,
  };
}

export function fakeDefinition(changes: Partial<AgentDefinition> = {}): AgentDefinition {
  return {
    instructions: 'Be kind.',
    model_id: null,
    fallback_model_id: null,
    workflow: 'plain',
    routing_model_id: null,
    mentions: {},
    parameters: { temperature: null, top_p: null, max_output_tokens: null, seed: null },
    tools: {},
    source_ids: null,
    schemas: {},
    limits: { max_steps: null, max_seconds: null, max_rows: null, max_cost_usd: null },
    starters: [],
    memory: 'off',
    numbers: 'warn',
    report: 'all',
    ...changes,
  };
}

export function fakeThread(changes: Partial<Thread> = {}): Thread {
  return {
    id: 't1',
    number: 1,
    kind: 'chat',
    title: 'Revenue by month',
    agent_id: 'a1',
    model_id: null,
    source_ids: ['s1'],
    active_run: null,
    last_message_at: AT,
    created_at: AT,
    updated_at: AT,
    usage: { input_tokens: 1200, output_tokens: 300, cost: '0.0042' },
    url: '/chats/t1',
    ...changes,
  };
}

export function fakeDefined(changes: Partial<DefinitionDetail> = {}): DefinitionDetail {
  return {
    id: 'd1',
    number: 4,
    handle: 'M4',
    kind: 'metric',
    name: 'Revenue',
    pattern: 'What was the revenue?',
    sql: 'select sum(amount) from sale',
    note: '',
    source_id: 's1',
    source_name: 'Shop',
    status: 'proposed',
    version: 3,
    owner: { id: 'u2', name: 'Dana Ray' },
    certified_by: null,
    certified_at: null,
    check: { ok: true, code: null, message: null },
    checked_at: AT,
    lapsed: null,
    lapsed_at: null,
    archived_at: null,
    created_at: AT,
    updated_at: AT,
    uses: [{ table: 'public.sale', columns: ['amount'] }],
    origin_query_id: null,
    origin_version: null,
    ...changes,
  };
}

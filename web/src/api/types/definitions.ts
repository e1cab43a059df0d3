export type DefinitionKind = 'metric' | 'term';
export type DefinitionStatus = 'proposed' | 'certified' | 'lapsed';

/** What a definition says. */
export interface DefinitionContent {
  kind: DefinitionKind;
  name: string;
  /** The question it answers, as people ask it. */
  pattern: string;
  sql: string;
  note: string;
  source_id: string | null;
}

export interface DefinitionInput extends DefinitionContent {
  /** The query of an answer that it is from. */
  query_id?: string;
  query_version?: number;
}

export interface PersonRef {
  id: string | null;
  name: string;
}

export interface Definition extends DefinitionContent {
  id: string;
  number: number;
  /** How an answer's query names it: `M4`. */
  handle: string;
  source_name: string | null;
  status: DefinitionStatus;
  version: number;
  owner: PersonRef;
  certified_by: PersonRef | null;
  certified_at: string | null;
  /** How the newest check on the source ended; `ok` is null when it could not be made. */
  check: { ok: boolean | null; code: string | null; message: string | null } | null;
  checked_at: string | null;
  lapsed: {
    reason: 'drift' | 'failed' | 'edited' | 'withdrawn' | 'removed';
    detail: string;
  } | null;
  lapsed_at: string | null;
  archived_at: string | null;
  created_at: string;
  updated_at: string;
}

export interface DefinitionDetail extends Definition {
  uses: { table: string; columns: string[] }[];
  origin_query_id: string | null;
  origin_version: number | null;
}

export interface DefinitionVersion extends DefinitionContent {
  version: number;
  author: PersonRef;
  created_at: string;
  certified: boolean;
}

export interface DefinitionLine {
  kind: 'same' | 'removed' | 'added';
  text: string;
  before: number | null;
  after: number | null;
}

export interface DefinitionDiff {
  from: number;
  to: number;
  changes: {
    field: 'kind' | 'name' | 'pattern' | 'source';
    before: string | null;
    after: string | null;
  }[];
  sql: DefinitionLine[];
  note: DefinitionLine[];
}

export interface DefinitionUse {
  version: number;
  query_id: string;
  query_version: number;
  handle: string;
  title: string | null;
  thread_id: string;
  at: string;
}

/** `count` is of everybody's chats, `data` of one's own. */
export interface DefinitionUses {
  count: number;
  last_at: string | null;
  data: DefinitionUse[];
}

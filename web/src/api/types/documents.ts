import type { Citation } from '../citations';
import type { Cell, Column } from './common';

export type DocumentKind = 'text' | 'code' | 'sheet';
export type DocumentFormat = 'md' | 'txt' | 'code' | 'csv' | 'xlsx';

export interface DocumentAuthor {
  kind: 'agent' | 'user';
  name: string;
}

export interface DocumentNumbers {
  traced: number;
  total: number;
}

/** A receipt in a document; in a sheet it stands at a cell ([row, column] from 0). */
export type DocumentCite = Citation & { cell?: [number, number] };

/** A version without what it says. */
export interface DocumentVersion {
  version: number;
  title: string;
  language: string | null;
  author: DocumentAuthor;
  restored_from: number | null;
  numbers: DocumentNumbers;
  created_at: string;
}

/** A document in its newest version, without what it says. */
export interface DocumentSummary {
  id: string;
  /** `D1` */
  handle: string;
  kind: DocumentKind;
  title: string;
  language: string | null;
  version: number;
  thread_id: string | null;
  author: DocumentAuthor;
  archived_at: string | null;
  created_at: string;
  updated_at: string;
}

/** The stored result that a sheet shows. */
export interface BoundResult {
  id: string;
  /** `Q1.v1` */
  reference: string;
  query_id: string;
  title: string | null;
  source_name: string;
  row_count: number;
  truncated: boolean;
}

/** A document as one of its versions says it. */
export interface DocumentDetail extends DocumentSummary {
  /** The newest there is; an edit is made from it. */
  newest: number;
  restored_from: number | null;
  content: string;
  figures: DocumentCite[];
  numbers: DocumentNumbers;
  rows: { columns: Column[]; data: Cell[][] } | null;
  result: BoundResult | null;
}

export interface DocumentEdit {
  title?: string;
  content?: string;
}

export interface DocumentDiff {
  from: number;
  to: number;
  title: [string, string] | null;
  lines: {
    kind: 'same' | 'removed' | 'added';
    text: string;
    before: number | null;
    after: number | null;
  }[];
}

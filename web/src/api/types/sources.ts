export type Engine = 'files' | 'postgresql';
export type SourceStatus = 'ready' | 'unchecked' | 'error';
export type SslMode = 'disable' | 'prefer' | 'require' | 'verify-full';

export interface PostgresConfig {
  host: string;
  port: number;
  database: string;
  user: string;
  sslmode: SslMode;
  schemas?: string[];
}

/** The account can write; `fix_sql` creates one that cannot. */
export interface WeakRole {
  reasons: string[];
  fix_sql: string;
}

export interface Source {
  id: string;
  number: number;
  name: string;
  engine: Engine;
  status: SourceStatus;
  last_error?: string | null;
  sample: boolean;
  table_count?: number | null;
  config: Partial<PostgresConfig> & { folder?: string };
  has_password: boolean;
  credentials?: 'platform' | 'worker';
  /** The name under which a worker holds it; its settings are only there. */
  worker_source?: string | null;
  created_at: string;
  checked_at?: string | null;
  weak_role?: WeakRole | null;
}

export interface SourceInput {
  name: string;
  engine: Engine;
  config: PostgresConfig | { folder: string };
  password?: string;
}

export interface SourcePatch {
  name?: string;
  config?: PostgresConfig;
  password?: string;
}

export type TestStepName = 'resolve' | 'connect' | 'tls' | 'sign_in' | 'list_schemas' | 'read_only';

export interface TestStep {
  name: TestStepName;
  /** null: not reached, or does not apply. */
  ok: boolean | null;
  detail?: string | null;
  advice?: string | null;
  elapsed_ms?: number | null;
}

export interface SourceTest {
  ok: boolean;
  steps: TestStep[];
  weak_role?: WeakRole | null;
}

export interface CatalogColumn {
  name: string;
  type: string;
  nullable: boolean;
  primary_key: boolean;
  comment?: string | null;
}

export interface CatalogTable {
  /** Files have none. */
  schema: string | null;
  name: string;
  kind: 'table' | 'view' | 'file';
  rows?: number | null;
  comment?: string | null;
  columns: CatalogColumn[];
  sample?: { columns: string[]; rows: (string | null)[][] } | null;
}

export interface Catalog {
  source_id: string;
  refreshed_at: string;
  tables: CatalogTable[];
}

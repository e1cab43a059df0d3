/** Databases that are reached over the network, with a form of their own. */
export type DatabaseEngine =
  'postgresql' | 'mysql' | 'clickhouse' | 'trino' | 'snowflake' | 'bigquery' | 'sqlserver';
export type Engine = 'files' | 'sqlite' | DatabaseEngine;
export type SourceStatus = 'ready' | 'unchecked' | 'error';

/** Settings by their names in the API; which ones, the engine's form says. */
export type DatabaseConfig = Record<string, string | number | string[]>;

/** A table made of all files of a folder that match a pattern. */
export interface PatternTable {
  table: string;
  glob: string;
}

/** A table made of a remote object, or of all below a URL. */
export interface RemoteObject {
  url: string;
  table?: string;
}

/** Files, where they lie. */
export type PlaceConfig =
  { folder: string; tables?: PatternTable[] } | { path: string } | { objects: RemoteObject[] };

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
  config: DatabaseConfig | PlaceConfig;
  has_password: boolean;
  credentials?: 'platform' | 'worker';
  /** The name under which a worker holds it; its settings are only there. */
  worker_source?: string | null;
  created_at: string;
  checked_at?: string | null;
  weak_role?: WeakRole | null;
  /** No model sees its values. */
  private: boolean;
  private_columns: PrivateColumn[];
  conventions?: Conventions;
}

/** How a source counts; what is null is not known. */
export interface Conventions {
  /** The month (1 to 12) in which the business year begins. */
  fiscal_year_start?: number | null;
  week_start?: 'monday' | 'saturday' | 'sunday' | null;
  time_zone?: string | null;
  currency?: string | null;
  units?: ColumnUnit[];
}

export interface ColumnUnit {
  table: string;
  column: string;
  unit: string;
}

/** A column whose values no model sees; `table` is its key. */
export interface PrivateColumn {
  table: string;
  column: string;
}

export interface SourceInput {
  name: string;
  engine: Engine;
  config: DatabaseConfig | PlaceConfig;
  password?: string;
}

export interface SourcePatch {
  name?: string;
  config?: DatabaseConfig;
  password?: string;
  private?: boolean;
  private_columns?: PrivateColumn[];
  conventions?: Conventions;
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

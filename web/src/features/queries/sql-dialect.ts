import { MSSQL, MySQL, PostgreSQL, SQLDialect, SQLite, StandardSQL } from '@codemirror/lang-sql';
import type { Engine } from '@/api/types';

// Names stand in backticks or double quotes, and a backslash escapes in texts.
const ClickHouse = SQLDialect.define({
  ...StandardSQL.spec,
  identifierQuotes: '`"',
  backslashEscapes: true,
});
// Names stand in backticks; "…" is a text.
const BigQuery = SQLDialect.define({
  ...StandardSQL.spec,
  identifierQuotes: '`',
  doubleQuotedStrings: true,
  backslashEscapes: true,
});

const DIALECTS: Record<Engine, SQLDialect> = {
  postgresql: PostgreSQL,
  files: PostgreSQL, // DuckDB reads nearly all of it
  mysql: MySQL,
  sqlite: SQLite,
  clickhouse: ClickHouse,
  trino: StandardSQL,
  snowflake: StandardSQL,
  bigquery: BigQuery,
  sqlserver: MSSQL,
};

/** How the editor reads an engine's SQL. */
export const dialectOf = (engine: Engine | undefined): SQLDialect =>
  engine === undefined ? PostgreSQL : DIALECTS[engine];

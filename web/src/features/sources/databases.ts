import type { DatabaseEngine } from '@/api/types';
import type { addMessages } from './add-messages';

type Message = keyof (typeof addMessages)['en'];

/** One field of an engine's form; its name is that of the setting in the API. */
export interface DatabaseField {
  name: string;
  label: Message;
  help?: Message;
  optional?: boolean;
  /** What it holds when nobody has chosen; a number here makes it one in the API. */
  initial?: string | number;
  /** Names separated by commas, a list in the API. */
  list?: boolean;
  /** Beside the field before it, narrow. */
  beside?: boolean;
}

export interface Database {
  title: Message;
  note: Message;
  fields: readonly DatabaseField[];
  /** What the secret is called; a password if not said. */
  secret?: { label: Message; help?: Message; optional?: boolean };
  encryption?: { name: 'sslmode' | 'tls'; label: Message; modes: readonly Mode[] };
}

export type Mode = 'prefer' | 'require' | 'verify-full' | 'verify' | 'disable';

/** The labels of the ways to encrypt; the first of an engine's is its own choice. */
export const MODES: Record<Mode, Message> = {
  prefer: 'prefer',
  require: 'require',
  'verify-full': 'verifyFull',
  verify: 'verify',
  disable: 'disable',
};

const server = (port: number): DatabaseField[] => [
  { name: 'host', label: 'host', help: 'hostHelp' },
  { name: 'port', label: 'port', help: 'portHelp', initial: port, beside: true },
];
const database: DatabaseField = { name: 'database', label: 'database' };
const user: DatabaseField = { name: 'user', label: 'user', help: 'userHelp' };
const tls = (...modes: Mode[]) => ({ name: 'tls', label: 'encryption', modes }) as const;

/** Every database that is reached over the network, in the order of the page. */
export const DATABASES: Record<DatabaseEngine, Database> = {
  postgresql: {
    title: 'pgTitle',
    note: 'pgNote',
    fields: [
      ...server(5432),
      database,
      user,
      { name: 'schemas', label: 'schemas', help: 'schemasHelp', optional: true, list: true },
    ],
    encryption: {
      name: 'sslmode',
      label: 'sslmode',
      modes: ['prefer', 'require', 'verify-full', 'disable'],
    },
  },
  mysql: {
    title: 'mysqlTitle',
    note: 'mysqlNote',
    fields: [...server(3306), database, user],
    encryption: tls('prefer', 'require', 'verify', 'disable'),
  },
  clickhouse: {
    title: 'clickhouseTitle',
    note: 'clickhouseNote',
    fields: [...server(8443), database, user],
    encryption: tls('verify', 'require', 'disable'),
  },
  trino: {
    title: 'trinoTitle',
    note: 'trinoNote',
    fields: [
      ...server(443),
      { name: 'catalog', label: 'catalog' },
      { name: 'schema', label: 'schema', help: 'schemaHelp', optional: true },
      user,
    ],
    secret: { label: 'password', optional: true },
    encryption: tls('verify', 'require', 'disable'),
  },
  snowflake: {
    title: 'snowflakeTitle',
    note: 'snowflakeNote',
    fields: [
      { name: 'account', label: 'account', help: 'accountHelp' },
      { name: 'warehouse', label: 'warehouse', help: 'warehouseHelp' },
      { name: 'role', label: 'role', help: 'roleHelp' },
      database,
      { name: 'schema', label: 'schema' },
      user,
    ],
    secret: { label: 'snowflakeSecret', help: 'snowflakeSecretHelp' },
  },
  bigquery: {
    title: 'bigqueryTitle',
    note: 'bigqueryNote',
    fields: [
      { name: 'project', label: 'project', help: 'projectHelp' },
      { name: 'dataset', label: 'dataset' },
      { name: 'location', label: 'location', help: 'locationHelp', optional: true },
      { name: 'max_gigabytes', label: 'gigabytes', help: 'gigabytesHelp', initial: 100 },
    ],
    secret: { label: 'bigquerySecret', help: 'bigquerySecretHelp' },
  },
  sqlserver: {
    title: 'sqlserverTitle',
    note: 'sqlserverNote',
    fields: [...server(1433), database, user],
    encryption: tls('verify', 'disable'),
  },
};

export const DATABASE_ENGINES = Object.keys(DATABASES) as DatabaseEngine[];

export function isDatabase(engine: string | undefined): engine is DatabaseEngine {
  return engine !== undefined && Object.hasOwn(DATABASES, engine);
}

import type { DatabaseConfig, DatabaseEngine, Source, SslMode, TlsMode } from '@/api/types';
import { isPort } from '@/lib/checks';
import type { Errors } from '@/lib/form';
import type { Translate } from '@/lib/i18n';
import type { addMessages } from './add-messages';

/** The form's texts; the API's configuration is made of them by `toConfig`. */
export interface DatabaseValues extends Record<string, string> {
  name: string;
  host: string;
  port: string;
  database: string;
  user: string;
  password: string;
  encryption: string;
  schemas: string;
}

const DEFAULTS: DatabaseValues = {
  name: '',
  host: '',
  port: '',
  database: '',
  user: '',
  password: '',
  encryption: 'prefer',
  schemas: '',
};

const PORTS: Record<DatabaseEngine, string> = { postgresql: '5432', mysql: '3306' };

/** A stored password is never known here, so its field always starts empty. */
export function initialDatabase(
  engine: DatabaseEngine,
  source: Source | undefined,
): DatabaseValues {
  if (!source) return { ...DEFAULTS, port: PORTS[engine] };
  const { host, port, database, user, sslmode, tls, schemas } = source.config;
  return {
    ...DEFAULTS,
    name: source.name,
    host: host ?? DEFAULTS.host,
    port: String(port ?? PORTS[engine]),
    database: database ?? DEFAULTS.database,
    user: user ?? DEFAULTS.user,
    encryption: sslmode ?? tls ?? DEFAULTS.encryption,
    schemas: (schemas ?? []).join(', '),
  };
}

export function toConfig(engine: DatabaseEngine, values: DatabaseValues): DatabaseConfig {
  const place = {
    host: values.host.trim(),
    port: Number(values.port),
    database: values.database.trim(),
    user: values.user.trim(),
  };
  if (engine === 'mysql') return { ...place, tls: values.encryption as TlsMode };
  const schemas = values.schemas
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return {
    ...place,
    sslmode: values.encryption as SslMode,
    ...(schemas.length > 0 ? { schemas } : {}),
  };
}

export function checkDatabase(
  values: DatabaseValues,
  t: Translate<keyof (typeof addMessages)['en']>,
): Errors<DatabaseValues> {
  const errors: Errors<DatabaseValues> = {};
  const need = {
    name: 'needName',
    host: 'needHost',
    database: 'needDatabase',
    user: 'needUser',
  } as const;
  for (const [field, message] of Object.entries(need)) {
    if (values[field]?.trim() === '') errors[field] = t(message);
  }
  if (!isPort(values.port)) errors.port = t('needPort');
  return errors;
}

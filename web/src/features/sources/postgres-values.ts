import type { PostgresConfig, Source, SslMode } from '@/api/types';
import { isPort } from '@/lib/checks';
import type { Errors } from '@/lib/form';
import type { Translate } from '@/lib/i18n';
import type { addMessages } from './add-messages';

/** The form's texts; the API's configuration is made of them by `toConfig`. */
export interface PostgresValues extends Record<string, string> {
  name: string;
  host: string;
  port: string;
  database: string;
  user: string;
  password: string;
  sslmode: string;
  schemas: string;
}

const DEFAULTS: PostgresValues = {
  name: '',
  host: '',
  port: '5432',
  database: '',
  user: '',
  password: '',
  sslmode: 'prefer',
  schemas: '',
};

/** A stored password is never known here, so its field always starts empty. */
export function initialPostgres(source: Source | undefined): PostgresValues {
  if (!source) return DEFAULTS;
  const { host, port, database, user, sslmode, schemas } = source.config;
  return {
    ...DEFAULTS,
    name: source.name,
    host: host ?? DEFAULTS.host,
    port: String(port ?? DEFAULTS.port),
    database: database ?? DEFAULTS.database,
    user: user ?? DEFAULTS.user,
    sslmode: sslmode ?? DEFAULTS.sslmode,
    schemas: (schemas ?? []).join(', '),
  };
}

export function toConfig(values: PostgresValues): PostgresConfig {
  const schemas = values.schemas
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return {
    host: values.host.trim(),
    port: Number(values.port),
    database: values.database.trim(),
    user: values.user.trim(),
    sslmode: values.sslmode as SslMode,
    ...(schemas.length > 0 ? { schemas } : {}),
  };
}

export function checkPostgres(
  values: PostgresValues,
  t: Translate<keyof (typeof addMessages)['en']>,
): Errors<PostgresValues> {
  const errors: Errors<PostgresValues> = {};
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

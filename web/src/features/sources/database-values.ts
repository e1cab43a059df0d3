import type { DatabaseConfig, DatabaseEngine, Source } from '@/api/types';
import { isPort } from '@/lib/checks';
import type { Errors } from '@/lib/form';
import type { Translate } from '@/lib/i18n';
import type { addMessages } from './add-messages';
import { DATABASES, type DatabaseField } from './databases';

/** The form's texts: the name of the source, its secret, and each setting under its own name. */
export interface DatabaseValues extends Record<string, string> {
  name: string;
  password: string;
}

const listed = (text: string) =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

type Stored = DatabaseConfig[string] | undefined;

function shown(field: DatabaseField, stored: Stored): string {
  if (stored === undefined) return String(field.initial ?? '');
  return Array.isArray(stored) ? stored.join(', ') : String(stored);
}

/** A stored secret is never known here, so its field always starts empty. */
export function initialDatabase(
  engine: DatabaseEngine,
  source: Source | undefined,
): DatabaseValues {
  const { fields, encryption } = DATABASES[engine];
  const stored = (source?.config ?? {}) as Record<string, Stored>;
  const values: DatabaseValues = { name: source?.name ?? '', password: '' };
  for (const field of fields) values[field.name] = shown(field, stored[field.name]);
  if (encryption) {
    values[encryption.name] = shown(
      { ...encryption, initial: encryption.modes[0] ?? '' },
      stored[encryption.name],
    );
  }
  return values;
}

export function toConfig(engine: DatabaseEngine, values: DatabaseValues): DatabaseConfig {
  const { fields, encryption } = DATABASES[engine];
  const config: DatabaseConfig = {};
  for (const { name, list, optional, initial } of fields) {
    const text = (values[name] ?? '').trim();
    if (optional && text === '') continue;
    if (list) config[name] = listed(text);
    else config[name] = typeof initial === 'number' ? Number(text) : text;
  }
  if (encryption) config[encryption.name] = values[encryption.name] ?? '';
  return config;
}

export function checkDatabase(
  engine: DatabaseEngine,
  values: DatabaseValues,
  t: Translate<keyof (typeof addMessages)['en']>,
): Errors<DatabaseValues> {
  const errors: Errors<DatabaseValues> = {};
  if (values.name.trim() === '') errors.name = t('needName');
  for (const { name, label, optional, initial } of DATABASES[engine].fields) {
    const text = (values[name] ?? '').trim();
    if (name === 'port') {
      if (!isPort(text)) errors.port = t('needPort');
    } else if (typeof initial === 'number') {
      if (!/^[1-9]\d{0,5}$/.test(text)) errors[name] = t('needNumber');
    } else if (text === '' && !optional) errors[name] = t('needField', { field: t(label) });
  }
  return errors;
}

import type { DefinitionContent } from '@/api/types';
import type { Errors } from '@/lib/form';
import type { messages } from './messages';

export type DefinitionValues = Record<keyof DefinitionContent, string>;

export const valuesOf = (content: Partial<DefinitionContent>): DefinitionValues => ({
  kind: content.kind ?? 'metric',
  name: content.name ?? '',
  pattern: content.pattern ?? '',
  sql: content.sql ?? '',
  note: content.note ?? '',
  source_id: content.source_id ?? '',
});

export const contentOf = (values: DefinitionValues): DefinitionContent => ({
  kind: values.kind === 'term' ? 'term' : 'metric',
  name: values.name.trim(),
  pattern: values.pattern.trim(),
  sql: values.sql.trim(),
  note: values.note.trim(),
  source_id: values.source_id === '' ? null : values.source_id,
});

type Needs = 'needName' | 'needSource' | 'needSql' | 'needNote';

/** What is missing, each at its field. */
export function checkDefinitionValues(
  values: DefinitionValues,
  t: (key: Needs & keyof typeof messages.en) => string,
): Errors<DefinitionValues> {
  const { kind, name, sql, note, source_id: source } = contentOf(values);
  const errors: Errors<DefinitionValues> = {};
  if (name === '') errors.name = t('needName');
  if (kind === 'metric' && sql === '') errors.sql = t('needSql');
  if ((kind === 'metric' || sql !== '') && source === null) errors.source_id = t('needSource');
  if (kind === 'term' && sql === '' && note === '') errors.note = t('needNote');
  return errors;
}

import type { Source } from '@/api/types';
import { useForm, type Errors } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Button, Form, FormArea, FormField, LeaveGuard } from '@/ui';
import { addMessages } from './add-messages';
import { createSource } from './api';
import { patternsOf, PLACES, type PlaceKind } from './places';

interface PlaceValues extends Record<string, string> {
  name: string;
  tables: string;
}

export interface PlaceFormProps {
  kind: PlaceKind;
  onSaved: (source: Source) => void | Promise<void>;
}

/** A folder, a file or remote objects that the server itself can read. */
export function PlaceForm({ kind, onSaved }: PlaceFormProps) {
  const t = useT(addMessages);
  const { engine, setting, field, patterns, allows, config } = PLACES[kind];
  const initial: PlaceValues = { name: '', tables: '', [field.name]: '' };
  const form = useForm({
    initial,
    validate: (values) => {
      const errors: Errors<PlaceValues> = {};
      if (values.name.trim() === '') errors.name = t('needName');
      if (!allows(values[field.name] ?? '')) errors[field.name] = t(field.need);
      if (patternsOf(values.tables) === null) errors.tables = t('needPatterns');
      return errors;
    },
    submit: ({ name, tables, ...rest }) =>
      createSource({
        name: name.trim(),
        engine,
        config: config(rest[field.name] ?? '', tables),
      }),
    onSuccess: onSaved,
  });
  const place = {
    form,
    name: field.name,
    label: t(field.label),
    help: t(field.help, { setting }),
    spellCheck: false,
  };
  return (
    <>
      <LeaveGuard when={form.dirty && !form.pending} />
      <Form form={form}>
        <FormField form={form} name="name" label={t('name')} help={t('nameHelp')} />
        {field.lines ? <FormArea {...place} /> : <FormField {...place} autoComplete="off" />}
        {patterns ? (
          <FormArea
            form={form}
            name="tables"
            label={t('patterns')}
            help={t('patternsHelp')}
            optional
            spellCheck={false}
          />
        ) : null}
        <div>
          <Button type="submit" variant="primary" loading={form.pending}>
            {t('save')}
          </Button>
        </div>
      </Form>
    </>
  );
}

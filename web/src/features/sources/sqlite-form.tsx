import type { Source } from '@/api/types';
import { useForm, type Errors } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Button, Form, FormField, LeaveGuard } from '@/ui';
import { addMessages } from './add-messages';
import { createSource } from './api';

interface SqliteValues extends Record<string, string> {
  name: string;
  path: string;
}

const EMPTY: SqliteValues = { name: '', path: '' };

export interface SqliteFormProps {
  onSaved: (source: Source) => void | Promise<void>;
}

/** A SQLite file that the server itself can read, in a folder its operator has allowed. */
export function SqliteForm({ onSaved }: SqliteFormProps) {
  const t = useT(addMessages);
  const form = useForm({
    initial: EMPTY,
    validate: ({ name, path }) => {
      const errors: Errors<SqliteValues> = {};
      if (name.trim() === '') errors.name = t('needName');
      if (!path.trim().startsWith('/')) errors.path = t('needFolder');
      return errors;
    },
    submit: ({ name, path }) =>
      createSource({ name: name.trim(), engine: 'sqlite', config: { path: path.trim() } }),
    onSuccess: onSaved,
  });
  return (
    <>
      <LeaveGuard when={form.dirty && !form.pending} />
      <Form form={form}>
        <FormField form={form} name="name" label={t('name')} help={t('nameHelp')} />
        <FormField
          form={form}
          name="path"
          label={t('sqliteFile')}
          help={t('folderHelp', { setting: 'DATELIER_ALLOWED_FOLDERS' })}
          spellCheck={false}
          autoComplete="off"
        />
        <div>
          <Button type="submit" variant="primary" loading={form.pending}>
            {t('save')}
          </Button>
        </div>
      </Form>
    </>
  );
}

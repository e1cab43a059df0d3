import type { Source } from '@/api/types';
import { useForm, type Errors } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Button, Form, FormField, LeaveGuard } from '@/ui';
import { addMessages } from './add-messages';
import { createSource } from './api';

interface FolderValues extends Record<string, string> {
  name: string;
  folder: string;
}

const EMPTY: FolderValues = { name: '', folder: '' };

export interface FolderFormProps {
  onSaved: (source: Source) => void | Promise<void>;
}

/** A folder that the server itself can read; which ones, its operator has decided. */
export function FolderForm({ onSaved }: FolderFormProps) {
  const t = useT(addMessages);
  const form = useForm({
    initial: EMPTY,
    validate: ({ name, folder }) => {
      const errors: Errors<FolderValues> = {};
      if (name.trim() === '') errors.name = t('needName');
      if (!folder.trim().startsWith('/')) errors.folder = t('needFolder');
      return errors;
    },
    submit: ({ name, folder }) =>
      createSource({ name: name.trim(), engine: 'files', config: { folder: folder.trim() } }),
    onSuccess: onSaved,
  });
  return (
    <>
      <LeaveGuard when={form.dirty && !form.pending} />
      <Form form={form}>
        <FormField form={form} name="name" label={t('name')} help={t('nameHelp')} />
        <FormField
          form={form}
          name="folder"
          label={t('folder')}
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

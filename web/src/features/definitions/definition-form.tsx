import type { ReactNode } from 'react';
import type { Form as FormState } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Field, Form, FormField, FormSelect, Textarea } from '@/ui';
import { messages } from './messages';
import type { DefinitionValues } from './values';

export const DEFINITION_FORM = 'definition';

/** The SQL with its editor and its rows; given by the page, because they belong to queries. */
export type SqlSlot = (field: {
  value: string;
  label: string;
  sourceId: string;
  disabled: boolean;
  onChange: (sql: string) => void;
}) => ReactNode;

interface DefinitionFormProps {
  form: FormState<DefinitionValues>;
  /** Undefined while they are not known. */
  sources: readonly { id: string; name: string }[] | undefined;
  disabled: boolean;
  sql: SqlSlot;
}

export function DefinitionForm({ form, sources, disabled, sql }: DefinitionFormProps) {
  const t = useT(messages);
  const { error: sqlError } = form.field('sql');
  const { error: noteError, ...note } = form.field('note');
  const listed = (sources ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const gone = form.values.source_id;
  const known = gone === '' || listed.some(({ value }) => value === gone);
  return (
    <Form form={form} id={DEFINITION_FORM}>
      <fieldset disabled={disabled} className="flex max-w-3xl min-w-0 flex-col gap-4">
        <FormField form={form} name="name" label={t('name')} maxLength={80} />
        <div className="grid gap-4 sm:grid-cols-2">
          <FormSelect
            form={form}
            name="kind"
            label={t('kind')}
            options={[
              { value: 'metric', label: t('metric') },
              { value: 'term', label: t('term') },
            ]}
          />
          <FormSelect
            form={form}
            name="source_id"
            label={t('source')}
            options={[
              { value: '', label: form.values.kind === 'term' ? t('sourceNone') : '—' },
              ...listed,
              ...(known ? [] : [{ value: gone, label: sources ? t('sourceGone') : '…' }]),
            ]}
          />
        </div>
        <FormField
          form={form}
          name="pattern"
          label={t('pattern')}
          help={t('patternHelp')}
          maxLength={500}
          optional
        />
        <Field label={t('note')} help={t('noteHelp')} error={noteError} optional>
          {(control) => <Textarea {...control} {...note} rows={3} maxLength={4000} />}
        </Field>
      </fieldset>
      <Field label={t('sql')} error={sqlError} optional={form.values.kind === 'term'}>
        {/* The editor lies in a shadow tree, where no description of a control reaches. */}
        {({ id, 'aria-describedby': describedBy }) => (
          <div
            data-field="sql"
            role="group"
            id={id}
            aria-label={t('sql')}
            aria-describedby={describedBy}
          >
            {sql({
              value: form.values.sql,
              label: t('sql'),
              sourceId: form.values.source_id,
              disabled,
              onChange: (value) => form.set('sql', value),
            })}
          </div>
        )}
      </Field>
    </Form>
  );
}

import { useMutation, type UseMutationResult } from '@tanstack/react-query';
import type { PostgresConfig, Source, SourceTest } from '@/api/types';
import { useForm, type Form as FormState } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Button, Form, FormField, FormSelect, LeaveGuard } from '@/ui';
import { addMessages } from './add-messages';
import { createSource, testDraft, updateSource } from './api';
import { checkPostgres, initialPostgres, toConfig, type PostgresValues } from './postgres-values';
import { TestSteps, WeakRolePanel } from './test-steps';

const withPassword = (password: string) => (password === '' ? {} : { password });

function useSave(source: Source | undefined) {
  return (values: PostgresValues) => {
    const { name, password } = values;
    const config: PostgresConfig = toConfig(values);
    const body = { name: name.trim(), config, ...withPassword(password) };
    return source ? updateSource(source.id, body) : createSource({ ...body, engine: 'postgresql' });
  };
}

function useDraftTest(source: Source | undefined) {
  return useMutation({
    mutationFn: (values: PostgresValues) =>
      testDraft({
        engine: 'postgresql',
        config: toConfig(values),
        ...withPassword(values.password),
        ...(source ? { source_id: source.id } : {}),
      }),
  });
}

interface TestResultProps {
  test: UseMutationResult<SourceTest, Error, PostgresValues>;
}

/** What the last test of the values found, beside the form. */
function TestResult({ test }: TestResultProps) {
  const t = useT(addMessages);
  return (
    <aside aria-label={t('steps')} className="flex min-w-0 flex-col gap-3">
      {test.isPending || test.data ? (
        <TestSteps running={test.isPending} {...(test.data ? { result: test.data } : {})} />
      ) : (
        <p className="text-sm text-muted">{t('testFirst')}</p>
      )}
      {test.data?.weak_role ? <WeakRolePanel weak={test.data.weak_role} /> : null}
    </aside>
  );
}

function Connection({ form, source }: { form: FormState<PostgresValues>; source?: Source }) {
  const t = useT(addMessages);
  const sslOptions = [
    { value: 'prefer', label: t('prefer') },
    { value: 'require', label: t('require') },
    { value: 'verify-full', label: t('verifyFull') },
    { value: 'disable', label: t('disable') },
  ];
  return (
    <>
      <FormField form={form} name="name" label={t('name')} help={t('nameHelp')} />
      <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_7rem]">
        <FormField form={form} name="host" label={t('host')} help={t('hostHelp')} />
        <FormField
          form={form}
          name="port"
          label={t('port')}
          help={t('portHelp')}
          inputMode="numeric"
        />
      </div>
      <FormField form={form} name="database" label={t('database')} />
      <FormField
        form={form}
        name="user"
        label={t('user')}
        help={t('userHelp')}
        autoComplete="off"
      />
      <FormField
        form={form}
        name="password"
        type="password"
        label={t('password')}
        help={source?.has_password ? t('keepPassword') : undefined}
        autoComplete="new-password"
      />
      <FormSelect form={form} name="sslmode" label={t('sslmode')} options={sslOptions} />
      <FormField form={form} name="schemas" label={t('schemas')} help={t('schemasHelp')} optional />
    </>
  );
}

export interface PostgresFormProps {
  /** Set to change a source that exists. */
  source?: Source;
  onSaved: (source: Source) => void | Promise<void>;
}

export function PostgresForm({ source, onSaved }: PostgresFormProps) {
  const t = useT(addMessages);
  const test = useDraftTest(source);
  const form = useForm({
    initial: initialPostgres(source),
    validate: (values) => checkPostgres(values, t),
    submit: useSave(source),
    onSuccess: onSaved,
  });
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <LeaveGuard when={form.dirty && !form.pending} />
      <Form form={form}>
        <Connection form={form} {...(source ? { source } : {})} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" loading={form.pending}>
            {source ? t('saveChanges') : t('save')}
          </Button>
          <Button
            loading={test.isPending}
            onClick={() => test.mutate(form.values, { onError: form.refuse })}
          >
            {t('test')}
          </Button>
        </div>
      </Form>
      <TestResult test={test} />
    </div>
  );
}

import { useMutation, type UseMutationResult } from '@tanstack/react-query';
import type { DatabaseEngine, Source, SourceTest } from '@/api/types';
import { useForm, type Form as FormState } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Button, Form, FormField, FormSelect, LeaveGuard } from '@/ui';
import { addMessages } from './add-messages';
import { createSource, testDraft, updateSource } from './api';
import { checkDatabase, initialDatabase, toConfig, type DatabaseValues } from './database-values';
import { DATABASES, MODES, type DatabaseField } from './databases';
import { TestSteps, WeakRolePanel } from './test-steps';

const withPassword = (password: string) => (password === '' ? {} : { password });

function useSave(engine: DatabaseEngine, source: Source | undefined) {
  return (values: DatabaseValues) => {
    const { name, password } = values;
    const config = toConfig(engine, values);
    const body = { name: name.trim(), config, ...withPassword(password) };
    return source ? updateSource(source.id, body) : createSource({ ...body, engine });
  };
}

function useDraftTest(engine: DatabaseEngine, source: Source | undefined) {
  return useMutation({
    mutationFn: (values: DatabaseValues) =>
      testDraft({
        engine,
        config: toConfig(engine, values),
        ...withPassword(values.password),
        ...(source ? { source_id: source.id } : {}),
      }),
  });
}

interface TestResultProps {
  test: UseMutationResult<SourceTest, Error, DatabaseValues>;
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

interface ConnectionProps {
  engine: DatabaseEngine;
  form: FormState<DatabaseValues>;
  source?: Source;
}

function SettingField({ form, field }: { form: FormState<DatabaseValues>; field: DatabaseField }) {
  const t = useT(addMessages);
  return (
    <FormField
      form={form}
      name={field.name}
      label={t(field.label)}
      help={field.help ? t(field.help) : undefined}
      optional={field.optional ?? false}
      autoComplete="off"
      {...(typeof field.initial === 'number' ? { inputMode: 'numeric' as const } : {})}
    />
  );
}

/** The fields of an engine; one that stands beside another shares its line. */
function Settings({ engine, form }: ConnectionProps) {
  const lines: DatabaseField[][] = [];
  for (const field of DATABASES[engine].fields) {
    if (field.beside) lines.at(-1)?.push(field);
    else lines.push([field]);
  }
  return lines.map(([first, second]) =>
    first && second ? (
      <div key={first.name} className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_7rem]">
        <SettingField form={form} field={first} />
        <SettingField form={form} field={second} />
      </div>
    ) : first ? (
      <SettingField key={first.name} form={form} field={first} />
    ) : null,
  );
}

function Connection({ engine, form, source }: ConnectionProps) {
  const t = useT(addMessages);
  const { secret, encryption } = DATABASES[engine];
  const help = secret?.help ? t(secret.help) : undefined;
  return (
    <>
      <FormField form={form} name="name" label={t('name')} help={t('nameHelp')} />
      <Settings engine={engine} form={form} />
      <FormField
        form={form}
        name="password"
        type="password"
        label={t(secret?.label ?? 'password')}
        help={source?.has_password ? t('keepPassword') : help}
        optional={secret?.optional ?? false}
        autoComplete="new-password"
      />
      {encryption ? (
        <FormSelect
          form={form}
          name={encryption.name}
          label={t(encryption.label)}
          options={encryption.modes.map((value) => ({ value, label: t(MODES[value]) }))}
        />
      ) : null}
    </>
  );
}

export interface DatabaseFormProps {
  engine: DatabaseEngine;
  /** Set to change a source that exists. */
  source?: Source;
  onSaved: (source: Source) => void | Promise<void>;
}

export function DatabaseForm({ engine, source, onSaved }: DatabaseFormProps) {
  const t = useT(addMessages);
  const test = useDraftTest(engine, source);
  const form = useForm({
    initial: initialDatabase(engine, source),
    validate: (values) => checkDatabase(engine, values, t),
    submit: useSave(engine, source),
    onSuccess: onSaved,
  });
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <LeaveGuard when={form.dirty && !form.pending} />
      <Form form={form}>
        <Connection engine={engine} form={form} {...(source ? { source } : {})} />
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

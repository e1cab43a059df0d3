import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Model, Provider } from '@/api/types';
import { useForm, type Form as FormState } from '@/lib/form';
import { useT } from '@/lib/i18n';
import {
  Button,
  Dialog,
  ErrorPanel,
  Form,
  FormField,
  FormSelect,
  LeaveGuard,
  SkeletonRows,
} from '@/ui';
import { createModel, providersQuery, testDraft, updateModel, useModelsChanged } from './api';
import { Checks } from './checks';
import { KeyField, type KeyChange } from './key-field';
import { messages } from './messages';
import { checkModel, initialModel, toInput, toPatch, type ModelValues } from './model-values';

const SUGGESTIONS = 'model-suggestions';

interface FieldsProps {
  form: FormState<ModelValues>;
  providers: Provider[];
  model: Model | undefined;
  change: KeyChange;
  onChange: (change: KeyChange) => void;
}

function ProviderSelect({ form, providers }: Pick<FieldsProps, 'form' | 'providers'>) {
  const t = useT(messages);
  const options = providers
    .filter((one) => one.id !== 'demo')
    .map((one) => ({ value: one.id, label: one.title }));
  return <FormSelect form={form} name="provider" label={t('provider')} options={options} />;
}

function Prices({ form }: Pick<FieldsProps, 'form'>) {
  const t = useT(messages);
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <FormField form={form} name="input" label={t('priceIn')} inputMode="decimal" optional />
        <FormField form={form} name="output" label={t('priceOut')} inputMode="decimal" optional />
      </div>
      <p className="-mt-2 text-xs text-subtle">{t('priceHelp')}</p>
    </>
  );
}

function Fields({ form, providers, model, change, onChange }: FieldsProps) {
  const t = useT(messages);
  const provider = providers.find((one) => one.id === form.values.provider);
  const setKey = (next: KeyChange, value: string) => {
    onChange(next);
    form.set('api_key', value);
  };
  return (
    <>
      {model ? null : <ProviderSelect form={form} providers={providers} />}
      <FormField form={form} name="name" label={t('name')} help={t('nameHelp')} autoFocus />
      <FormField
        form={form}
        name="model_name"
        label={t('modelName')}
        help={t('modelNameHelp')}
        placeholder={provider?.default_model ?? undefined}
        list={SUGGESTIONS}
        spellCheck={false}
      />
      <datalist id={SUGGESTIONS}>
        {provider?.suggested?.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <FormField
        form={form}
        name="endpoint_url"
        type="url"
        label={t('endpoint')}
        placeholder={provider?.default_endpoint ?? undefined}
        optional={!provider?.needs_endpoint}
        spellCheck={false}
      />
      <KeyField
        state={model?.key}
        change={change}
        value={form.values.api_key}
        error={form.errors.api_key}
        onChange={setKey}
      />
      <Prices form={form} />
    </>
  );
}

export interface ModelDialogProps {
  /** Unset: a new model. */
  model?: Model | undefined;
  onClose: () => void;
}

function useModelForm({ model, onClose }: ModelDialogProps, providers: Provider[]) {
  const t = useT(messages);
  const changed = useModelsChanged();
  const [change, setChange] = useState<KeyChange>('keep');
  const form = useForm({
    initial: initialModel(model),
    validate: (values) =>
      checkModel(values, {
        t,
        provider: providers.find((one) => one.id === values.provider),
        edited: model !== undefined,
        keepsKey: model?.key.configured === true && change !== 'replace',
      }),
    submit: (values) =>
      model ? updateModel(model.id, toPatch(values, model, change)) : createModel(toInput(values)),
    onSuccess: async () => {
      await changed();
      onClose();
    },
  });
  return { form, change, setChange };
}

function Waiting({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const t = useT(messages);
  return error ? (
    <ErrorPanel error={error} onRetry={onRetry} />
  ) : (
    <SkeletonRows label={t('loading')} />
  );
}

export function ModelDialog(props: ModelDialogProps) {
  const { model, onClose } = props;
  const t = useT(messages);
  const providers = useQuery(providersQuery);
  const known = providers.data ?? [];
  const { form, change, setChange } = useModelForm(props, known);
  const test = useMutation({ mutationFn: (values: ModelValues) => testDraft(toInput(values)) });
  const tryThem = () => {
    form.forgive();
    test.mutate(form.values, { onError: form.refuse });
  };
  // What was found is said of the values that were tried, and of no others.
  const tried = test.variables === form.values;
  const dirty = form.dirty || change !== 'keep';
  const footer = (
    <>
      {model ? null : (
        <Button className="mr-auto" loading={test.isPending} onClick={tryThem}>
          {t('testBefore')}
        </Button>
      )}
      <Button onClick={onClose}>{t('cancel')}</Button>
      <Button type="submit" form="model" variant="primary" loading={form.pending}>
        {t('save')}
      </Button>
    </>
  );
  return (
    <Dialog
      open
      dirty={dirty}
      onClose={onClose}
      title={model ? t('edit') : t('add')}
      footer={footer}
    >
      <LeaveGuard when={dirty} />
      {providers.data ? (
        <Form form={form} id="model">
          <Fields
            form={form}
            providers={known}
            model={model}
            change={change}
            onChange={setChange}
          />
          {tried ? (
            <Checks name={form.values.name} running={test.isPending} result={test.data} />
          ) : null}
        </Form>
      ) : (
        <Waiting error={providers.error} onRetry={() => void providers.refetch()} />
      )}
    </Dialog>
  );
}

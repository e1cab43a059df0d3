import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Model, Provider } from '@/api/types';
import { useForm, type Form as FormState } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Button, Dialog, Form, FormField, FormSelect, SkeletonRows } from '@/ui';
import { createModel, providersQuery, testDraft, updateModel, useModelsChanged } from './api';
import { Checks } from './checks';
import { KeyField } from './key-field';
import { messages } from './messages';
import { checkModel, initialModel, toInput, toPatch, type ModelValues } from './model-values';

interface FieldsProps {
  form: FormState<ModelValues>;
  providers: Provider[];
  model: Model | undefined;
  replacing: boolean;
  onReplacing: (replacing: boolean) => void;
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

function Fields({ form, providers, model, replacing, onReplacing }: FieldsProps) {
  const t = useT(messages);
  const provider = providers.find((one) => one.id === form.values.provider);
  const key = model?.key.configured && !replacing ? null : form.values.api_key;
  const setKey = (value: string | null) => {
    onReplacing(value !== null);
    form.set('api_key', value ?? '');
  };
  return (
    <>
      {model ? null : <ProviderSelect form={form} providers={providers} />}
      <FormField form={form} name="name" label={t('name')} help={t('nameHelp')} />
      <FormField
        form={form}
        name="model_name"
        label={t('modelName')}
        help={t('modelNameHelp')}
        placeholder={provider?.default_model}
        spellCheck={false}
      />
      <FormField
        form={form}
        name="endpoint_url"
        type="url"
        label={t('endpoint')}
        placeholder={provider?.default_endpoint ?? undefined}
        optional={!provider?.needs_endpoint}
        spellCheck={false}
      />
      <KeyField state={model?.key} value={key} error={form.errors.api_key} onChange={setKey} />
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
  const [replacing, setReplacing] = useState(false);
  const form = useForm({
    initial: initialModel(model),
    validate: (values) =>
      checkModel(values, {
        t,
        provider: providers.find((one) => one.id === values.provider),
        keepsKey: model?.key.configured === true && !replacing,
      }),
    submit: (values) =>
      model ? updateModel(model.id, toPatch(values, model)) : createModel(toInput(values)),
    onSuccess: async () => {
      await changed();
      onClose();
    },
  });
  return { form, replacing, setReplacing };
}

export function ModelDialog(props: ModelDialogProps) {
  const { model, onClose } = props;
  const t = useT(messages);
  const providers = useQuery(providersQuery);
  const known = providers.data ?? [];
  const { form, replacing, setReplacing } = useModelForm(props, known);
  const test = useMutation({ mutationFn: () => testDraft(toInput(form.values)) });
  const footer = (
    <>
      {model ? null : (
        <Button
          className="mr-auto"
          loading={test.isPending}
          onClick={() => test.mutate(undefined, { onError: form.refuse })}
        >
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
    <Dialog open onClose={onClose} title={model ? t('edit') : t('add')} footer={footer}>
      {providers.data ? (
        <Form form={form} id="model">
          <Fields
            form={form}
            providers={known}
            model={model}
            replacing={replacing}
            onReplacing={setReplacing}
          />
          <Checks name={form.values.name} running={test.isPending} result={test.data} />
        </Form>
      ) : (
        <SkeletonRows label={t('loading')} />
      )}
    </Dialog>
  );
}

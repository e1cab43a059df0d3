import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { modelsQuery } from '@/api/resources';
import type { AgentDetail } from '@/api/types';
import type { Form as FormState } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Field, Form, FormField, FormSelect, Textarea } from '@/ui';
import { MOST_STARTERS, type AgentValues } from './agent-values';
import { messages } from './messages';
import { Section } from './section';
import { SourceChoice } from './source-choice';
import { ToolPolicies } from './tool-policies';

const MOST = 20_000;
const PER_TOKEN = 4; // characters, as a rule of thumb

export const FORM = 'agent';

interface PartProps {
  form: FormState<AgentValues>;
  disabled: boolean;
}

interface TextProps extends PartProps {
  name: 'instructions' | 'starters';
  label: string;
  help: string;
  rows: number;
  note?: ReactNode;
}

function TextArea({ form, disabled, name, label, help, rows, note }: TextProps) {
  const { error, ...bound } = form.field(name);
  return (
    <Field label={label} help={help} error={error}>
      {(control) => (
        <>
          <Textarea {...control} {...bound} rows={rows} disabled={disabled} />
          {note}
        </>
      )}
    </Field>
  );
}

function Identity({ form, disabled, agent }: PartProps & { agent: AgentDetail }) {
  const t = useT(messages);
  return (
    <Section title={t('identity')} help={t('atOnce')}>
      <FormField form={form} name="name" label={t('name')} maxLength={80} disabled={disabled} />
      <FormField
        form={form}
        name="description"
        label={t('description')}
        help={t('descriptionHelp')}
        maxLength={300}
        disabled={disabled}
        optional
      />
      {agent.builtin || disabled ? null : (
        <FormSelect
          form={form}
          name="visibility"
          label={t('access')}
          options={[
            { value: 'organization', label: t('everybody') },
            { value: 'private', label: t('onlyMe') },
          ]}
        />
      )}
    </Section>
  );
}

function Instructions(props: PartProps) {
  const t = useT(messages);
  const count = props.form.values.instructions.length;
  const tokens = Math.ceil(count / PER_TOKEN);
  return (
    <Section title={t('told')}>
      <TextArea
        {...props}
        name="instructions"
        label={t('instructions')}
        help={t('instructionsHelp')}
        rows={14}
        note={
          <p className={`nums text-xs ${count > MOST ? 'text-danger' : 'text-subtle'}`}>
            {t('characters', { count, most: MOST, tokens })}
          </p>
        }
      />
      <TextArea
        {...props}
        name="starters"
        label={t('starters')}
        help={t('startersHelp', { count: MOST_STARTERS })}
        rows={4}
      />
    </Section>
  );
}

function Models({ form, disabled }: PartProps) {
  const t = useT(messages);
  const models = useQuery(modelsQuery).data?.data;
  const named = (models ?? []).map(({ id, name }) => ({ value: id, label: name }));
  // A choice that no option stands for would be shown as the first of them.
  const options = (field: string) => {
    const chosen = form.values[field] ?? '';
    if (chosen === '' || named.some(({ value }) => value === chosen)) return named;
    return [...named, { value: chosen, label: models ? t('modelGone') : '…' }];
  };
  const number = (name: string, label: string) => (
    <FormField
      form={form}
      name={name}
      label={label}
      inputMode="decimal"
      disabled={disabled}
      optional
    />
  );
  return (
    <Section title={t('models')}>
      <div className="grid gap-4 sm:grid-cols-2">
        <FormSelect
          form={form}
          name="model_id"
          label={t('model')}
          options={[{ value: '', label: t('defaultModel') }, ...options('model_id')]}
        />
        <FormSelect
          form={form}
          name="fallback_model_id"
          label={t('fallback')}
          options={[{ value: '', label: t('noFallback') }, ...options('fallback_model_id')]}
        />
      </div>
      <p className="-mt-2 text-xs text-subtle">{t('fallbackHelp')}</p>
      <div className="grid gap-4 sm:grid-cols-2">
        <FormSelect
          form={form}
          name="workflow"
          label={t('workflow')}
          options={(['plain', 'analyst'] as const).map((value) => ({
            value,
            label: t(`workflow_${value}`),
          }))}
        />
        {form.values.workflow === 'analyst' ? (
          <FormSelect
            form={form}
            name="routing_model_id"
            label={t('routing')}
            options={[{ value: '', label: t('sameAsAnswers') }, ...options('routing_model_id')]}
          />
        ) : null}
      </div>
      <p className="-mt-2 text-xs text-subtle">{t('workflowHelp')}</p>
      <div className="grid gap-4 sm:grid-cols-2">
        {number('temperature', t('temperature'))}
        {number('top_p', t('topP'))}
        {number('max_output_tokens', t('maxTokens'))}
        {number('seed', t('seed'))}
      </div>
    </Section>
  );
}

const CHOICES = {
  numbers: ['numbers_allow', 'numbers_warn', 'numbers_block'],
  memory: ['memory_off', 'memory_agent'],
  report: ['report_all', 'report_problems', 'report_none'],
} as const;

function Limits({ form, disabled }: PartProps) {
  const t = useT(messages);
  const fields = [
    ['max_steps', t('maxSteps')],
    ['max_seconds', t('maxSeconds')],
    ['max_rows', t('maxRows')],
    ['max_cost_usd', t('maxCost')],
  ] as const;
  return (
    <Section title={t('limits')} help={t('limitsHelp')}>
      <div className="grid gap-4 sm:grid-cols-2">
        {fields.map(([name, label]) => (
          <FormField
            key={name}
            form={form}
            name={name}
            label={label}
            inputMode="decimal"
            disabled={disabled}
            optional
          />
        ))}
      </div>
    </Section>
  );
}

const BEHAVIOUR = ['numbers', 'memory', 'report'] as const;

function Behaviour({ form }: Pick<PartProps, 'form'>) {
  const t = useT(messages);
  return (
    <Section title={t('behaviour')}>
      {BEHAVIOUR.map((name) => (
        <FormSelect
          key={name}
          form={form}
          name={name}
          label={t(name)}
          help={t(`${name}Help`)}
          options={CHOICES[name].map((key) => ({
            value: key.replace(`${name}_`, ''),
            label: t(key),
          }))}
        />
      ))}
    </Section>
  );
}

export function AgentForm({ form, disabled, agent }: PartProps & { agent: AgentDetail }) {
  const t = useT(messages);
  const part = { form, disabled };
  return (
    <Form form={form} id={FORM} className="flex flex-col gap-5">
      <fieldset disabled={disabled} className="flex min-w-0 flex-col gap-5">
        <Identity {...part} agent={agent} />
        <Instructions {...part} />
        <Models {...part} />
        <Section title={t('tools')} help={t('toolsHelp')}>
          <ToolPolicies {...part} />
        </Section>
        <Section title={t('sources')} help={t('sourcesHelp')}>
          <SourceChoice {...part} />
        </Section>
        <Limits {...part} />
        <Behaviour form={form} />
      </fieldset>
    </Form>
  );
}

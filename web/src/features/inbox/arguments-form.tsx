import { useState, type ReactNode } from 'react';
import { useT } from '@/lib/i18n';
import { Button, Field, Input, Select, Tabs, Textarea } from '@/ui';
import { ArgumentsDiff } from './arguments-diff';
import { messages } from './detail-messages';
import { fieldText, type ArgField } from './schema-fields';
import type { Arguments } from './use-arguments';

/** The editor of chats, given by the page because it belongs to another feature. */
export type SqlSlot = (props: {
  value: string;
  label: string;
  onChange: (value: string) => void;
}) => ReactNode;

/** What an argument names by its id. */
export interface Named {
  id: string | null;
  name: string;
}

interface FieldProps {
  args: Arguments;
  field: ArgField;
  disabled: boolean;
  sql: SqlSlot;
}

function useFieldError(args: Arguments, field: ArgField): string | null {
  const t = useT(messages);
  if (!args.bad(field)) return null;
  return t(field.kind === 'json' ? 'badJson' : 'badNumber');
}

function Choice({ args, field, disabled }: FieldProps) {
  const t = useT(messages);
  const options = field.kind === 'boolean' ? [true, false] : field.options;
  const texts = options.map((value) => fieldText(value));
  const current = args.text(field);
  return (
    <Field label={field.label} help={field.help}>
      {(control) => (
        <Select
          {...control}
          disabled={disabled}
          value={current}
          options={[
            ...(field.required && current !== ''
              ? []
              : [{ value: '', label: t(field.required ? 'choose' : 'empty') }]),
            ...texts.map((text) => ({ value: text, label: text })),
          ]}
          onChange={(text) => {
            const at = texts.indexOf(text);
            // An option keeps the type it has in the schema; its text alone would not.
            const asJson: ArgField = { ...field, kind: 'json' };
            if (at < 0) args.put({ ...asJson, nullable: field.nullable }, '');
            else args.put(asJson, JSON.stringify(options[at]));
          }}
        />
      )}
    </Field>
  );
}

function Plain(props: FieldProps) {
  const { args, field, disabled } = props;
  const error = useFieldError(args, field);
  const code = field.kind === 'json' || field.kind === 'sql';
  const long = field.kind === 'long' || code;
  const number = field.kind === 'integer' || field.kind === 'number';
  return (
    <Field label={field.label} help={field.help} error={error} optional={!field.required}>
      {(control) =>
        long ? (
          <Textarea
            {...control}
            disabled={disabled}
            value={args.text(field)}
            className={code ? 'font-mono text-xs' : ''}
            onChange={(event) => args.put(field, event.target.value)}
          />
        ) : (
          <Input
            {...control}
            disabled={disabled}
            inputMode={number ? 'decimal' : 'text'}
            value={args.text(field)}
            onChange={(event) => args.put(field, event.target.value)}
          />
        )
      }
    </Field>
  );
}

/** An id says nothing to a person; the name of what it stands for does. JSON has the id. */
function NameOf({ label, name }: { label: string; name: string }) {
  return (
    <p className="flex flex-col gap-1 text-sm">
      <span className="font-strong">{label}</span>
      <span className="text-muted">{name}</span>
    </p>
  );
}

function ArgControl({ known, ...props }: FieldProps & { known: Named | null }) {
  const { args, field, disabled, sql } = props;
  if (known?.id && args.text(field) === known.id)
    return <NameOf label={field.label} name={known.name} />;
  if (field.kind === 'enum' || field.kind === 'boolean') return <Choice {...props} />;
  if (field.kind !== 'sql' || disabled) return <Plain {...props} />;
  return (
    <div className="flex flex-col gap-1">
      <span className="text-sm font-strong">{field.label}</span>
      {field.help ? <span className="text-xs text-muted">{field.help}</span> : null}
      <div className="overflow-hidden rounded-md border border-control">
        {sql({
          value: args.text(field),
          label: field.label,
          onChange: (text) => args.put(field, text),
        })}
      </div>
    </div>
  );
}

export interface ArgumentsFormProps {
  args: Arguments;
  /** May be changed: the action allows it and nobody has decided. */
  editable: boolean;
  sql: SqlSlot;
  /** Shown by its name where an argument is its id. */
  known?: Named | null;
  /** One value alone: its field says all that JSON could. */
  single?: boolean;
}

function JsonTab({ args, editable }: Pick<ArgumentsFormProps, 'args' | 'editable'>) {
  const t = useT(messages);
  return (
    <Field label={t('json')} error={args.badJson ? t('badJson') : null}>
      {(control) => (
        <Textarea
          {...control}
          readOnly={!editable}
          rows={10}
          spellCheck={false}
          className="font-mono text-xs"
          value={args.json}
          onChange={(event) => args.putJson(event.target.value)}
        />
      )}
    </Field>
  );
}

/** The arguments as a form made from their schema, or as JSON; types stay what they are. */
export function ArgumentsForm({ args, editable, sql, ...rest }: ArgumentsFormProps) {
  const t = useT(messages);
  const [tab, setTab] = useState<'form' | 'json'>('form');
  const { fields } = args;
  const tabs = [
    ...(fields ? [{ value: 'form' as const, label: t('form') }] : []),
    { value: 'json' as const, label: t('json') },
  ];
  const shown = fields ? tab : 'json';
  const form = (
    <div className="flex flex-col gap-3">
      {fields?.map((field) => (
        <ArgControl
          key={field.name}
          args={args}
          field={field}
          disabled={!editable}
          sql={sql}
          known={rest.known ?? null}
        />
      ))}
    </div>
  );
  if (rest.single) return form;
  return (
    <div className="flex flex-col gap-3">
      <Tabs value={shown} onChange={setTab} label={t('arguments')} tabs={tabs}>
        {shown === 'json' ? <JsonTab args={args} editable={editable} /> : form}
      </Tabs>
      <ArgumentsDiff changed={args.changed} fields={fields} label={t('changes')} />
      {args.changed.length > 0 || !args.valid ? (
        <Button size="sm" className="self-start" onClick={args.reset}>
          {t('reset')}
        </Button>
      ) : null}
    </div>
  );
}

import { useState, type ReactNode } from 'react';
import { useT } from '@/lib/i18n';
import { Button, Field, Input, Select, Tabs, Textarea } from '@/ui';
import { messages } from './detail-messages';
import { fieldText, type ArgField, type Change } from './schema-fields';
import type { Arguments } from './use-arguments';

/** The editor of chats, given by the page because it belongs to another feature. */
export type SqlSlot = (props: {
  value: string;
  label: string;
  onChange: (value: string) => void;
}) => ReactNode;

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
            ...(field.required && current !== '' ? [] : [{ value: '', label: t('empty') }]),
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
  const long = field.kind === 'long' || field.kind === 'json';
  const number = field.kind === 'integer' || field.kind === 'number';
  return (
    <Field label={field.label} help={field.help} error={error} optional={!field.required}>
      {(control) =>
        long ? (
          <Textarea
            {...control}
            disabled={disabled}
            value={args.text(field)}
            className={field.kind === 'json' ? 'font-mono text-xs' : ''}
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

function ArgControl(props: FieldProps) {
  const { args, field, disabled, sql } = props;
  if (field.kind === 'enum' || field.kind === 'boolean') return <Choice {...props} />;
  if (field.kind !== 'sql' || disabled) return <Plain {...props} />;
  return (
    <div className="flex flex-col gap-1">
      <span className="text-sm">{field.label}</span>
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

function Shown({ value, tone }: { value: unknown; tone: string }) {
  const t = useT(messages);
  if (value === undefined) return <span className="text-subtle">{t('empty')}</span>;
  return (
    <span
      className={`block rounded-sm px-1.5 font-mono text-xs break-words whitespace-pre-wrap ${tone}`}
    >
      {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
    </span>
  );
}

/** The original beside what it became, leaf by leaf. */
export function ArgumentsDiff({ changed }: { changed: readonly Change[] }) {
  const t = useT(messages);
  if (changed.length === 0) return null;
  return (
    <section className="flex flex-col gap-1.5 rounded-md border border-line p-3">
      <h3 className="text-xs text-subtle">{t('changes')}</h3>
      <div className="overflow-x-auto">
        <table className="w-full border-collapse text-sm">
          <thead className="sr-only">
            <tr>
              <th scope="col">{t('argument')}</th>
              <th scope="col">{t('before')}</th>
              <th scope="col">{t('after')}</th>
            </tr>
          </thead>
          <tbody>
            {changed.map(({ path, before, after }) => (
              <tr key={path} className="align-top">
                <th scope="row" className="pr-3 text-left text-xs font-normal text-muted">
                  {path || t('arguments')}
                </th>
                <td className="w-1/2 py-0.5 pr-2">
                  <Shown value={before} tone="bg-danger-soft text-danger line-through" />
                </td>
                <td className="w-1/2 py-0.5">
                  <Shown value={after} tone="bg-success-soft text-success" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export interface ArgumentsFormProps {
  args: Arguments;
  /** May be changed: the action allows it and nobody has decided. */
  editable: boolean;
  sql: SqlSlot;
}

function JsonTab({ args, editable }: Omit<ArgumentsFormProps, 'sql'>) {
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
export function ArgumentsForm({ args, editable, sql }: ArgumentsFormProps) {
  const t = useT(messages);
  const [tab, setTab] = useState<'form' | 'json'>('form');
  const { fields } = args;
  const tabs = [
    ...(fields ? [{ value: 'form' as const, label: t('form') }] : []),
    { value: 'json' as const, label: t('json') },
  ];
  const shown = fields ? tab : 'json';
  return (
    <div className="flex flex-col gap-3">
      <Tabs value={shown} onChange={setTab} label={t('arguments')} tabs={tabs}>
        {shown === 'json' ? (
          <JsonTab args={args} editable={editable} />
        ) : (
          <div className="flex flex-col gap-3">
            {fields?.map((field) => (
              <ArgControl
                key={field.name}
                args={args}
                field={field}
                disabled={!editable}
                sql={sql}
              />
            ))}
          </div>
        )}
      </Tabs>
      <ArgumentsDiff changed={args.changed} />
      {args.changed.length > 0 || !args.valid ? (
        <Button size="sm" className="self-start" onClick={args.reset}>
          {t('reset')}
        </Button>
      ) : null}
    </div>
  );
}

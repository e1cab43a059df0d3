import { CircleAlert } from 'lucide-react';
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useT } from '@/lib/i18n';
import type { Form as FormState, Values } from '@/lib/form';
import { ErrorPanel } from './error-panel';
import { Field, Select, Textarea, TextField, type SelectProps, type TextFieldProps } from './field';
import { messages } from './messages';

export interface FormProps<V extends Values> {
  form: FormState<V>;
  id?: string;
  children: ReactNode;
  className?: string;
}

/** What can be typed in where a field is more than one control: it is marked with `data-field`. */
const CONTROLS = 'input, select, textarea, [contenteditable=true]';

/** What stops the form, gathered above it; focus goes here when a submit is refused. */
function Summary<V extends Values>({ form }: { form: FormState<V> }) {
  const t = useT(messages);
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (form.refusals > 0) ref.current?.focus();
  }, [form.refusals]);
  const found = Object.entries(form.errors);
  const failed = form.failure !== null;
  if (form.refusals === 0 || (found.length === 0 && !failed)) return null;
  const jump = (name: string) => {
    const field = CSS.escape(name);
    ref.current
      ?.closest('form')
      ?.querySelector<HTMLElement>(`[name="${field}"], [data-field="${field}"] :is(${CONTROLS})`)
      ?.focus();
  };
  return (
    <div ref={ref} tabIndex={-1} className="rounded-lg outline-offset-2">
      {failed ? (
        <ErrorPanel error={form.failure} />
      ) : (
        <div role="alert" className="rounded-lg bg-danger-soft px-3 py-2.5 text-sm">
          <p className="flex items-center gap-2 font-strong text-danger">
            <CircleAlert aria-hidden className="size-4 shrink-0" />
            {t('summary', { count: found.length })}
          </p>
          <ul className="mt-1 pl-6">
            {found.map(([name, message]) => (
              <li key={name}>
                <button
                  type="button"
                  className="min-h-6 rounded-sm text-left underline"
                  onClick={() => jump(name)}
                >
                  {message}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

export function Form<V extends Values>({ form, id, children, className }: FormProps<V>) {
  const saveKey = (event: KeyboardEvent) => {
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 's') form.submit(event);
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the key is a shortcut for the submit button inside
    <form
      id={id}
      noValidate
      onSubmit={form.submit}
      onKeyDown={saveKey}
      className={className ?? 'flex flex-col gap-4'}
    >
      <Summary form={form} />
      {children}
    </form>
  );
}

export interface FormFieldProps<V extends Values> extends Omit<TextFieldProps, 'form' | 'name'> {
  form: FormState<V>;
  name: keyof V & string;
}

export function FormField<V extends Values>({ form, name, ...rest }: FormFieldProps<V>) {
  return <TextField {...rest} {...form.field(name)} />;
}

export interface FormSelectProps<V extends Values> {
  form: FormState<V>;
  name: keyof V & string;
  label: string;
  help?: ReactNode;
  options: SelectProps['options'];
}

export function FormSelect<V extends Values>(props: FormSelectProps<V>) {
  const { form, name, label, help, options } = props;
  const { value, error, onBlur } = form.field(name);
  return (
    <Field label={label} help={help} error={error}>
      {(control) => (
        <Select
          {...control}
          name={name}
          value={value}
          options={options}
          onBlur={onBlur}
          onChange={(next) => form.set(name, next)}
        />
      )}
    </Field>
  );
}

export interface FormAreaProps<V extends Values> {
  form: FormState<V>;
  name: keyof V & string;
  label: string;
  help?: ReactNode;
  optional?: boolean;
  spellCheck?: boolean;
}

/** Several lines of text. */
export function FormArea<V extends Values>(props: FormAreaProps<V>) {
  const { form, name, label, help, optional, spellCheck } = props;
  const { error, ...bound } = form.field(name);
  return (
    <Field label={label} help={help} error={error} optional={optional ?? false}>
      {(control) => (
        <Textarea
          {...control}
          {...bound}
          spellCheck={spellCheck}
          className={spellCheck === false ? 'font-mono' : undefined}
        />
      )}
    </Field>
  );
}

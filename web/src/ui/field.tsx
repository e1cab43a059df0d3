import { Eye, EyeOff } from 'lucide-react';
import { useId, useState, type ComponentProps, type ReactNode } from 'react';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { messages } from './messages';

/** What a control needs to belong to its label, help and error. */
export interface ControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

export interface FieldProps {
  label: string;
  help?: ReactNode;
  error?: string | null | undefined;
  optional?: boolean;
  className?: string;
  children: (control: ControlProps) => ReactNode;
}

/** Label above, help under it, error under the control. */
export function Field({ label, help, error, optional, className, children }: FieldProps) {
  const t = useT(messages);
  const id = useId();
  const describedBy = [help ? `${id}-help` : '', error ? `${id}-error` : ''].filter(Boolean);
  return (
    <div className={cx('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id} className="text-sm font-strong">
        {label}
        {optional ? <span className="font-normal text-subtle"> · {t('optional')}</span> : null}
      </label>
      {help ? (
        <p id={`${id}-help`} className="text-xs text-subtle">
          {help}
        </p>
      ) : null}
      {children({
        id,
        'aria-describedby': describedBy.length > 0 ? describedBy.join(' ') : undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {error ? (
        <p id={`${id}-error`} className="text-xs text-danger">
          {error}
        </p>
      ) : null}
    </div>
  );
}

const CONTROL =
  'w-full min-w-0 rounded-sm border border-control bg-surface px-2.5 text-sm text-fg focus-visible:outline-offset-0 aria-invalid:border-danger disabled:border-line disabled:bg-sunken disabled:text-subtle';

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input {...rest} className={cx(CONTROL, 'h-control', className)} />;
}

export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea {...rest} className={cx(CONTROL, 'min-h-20 py-1.5', className)} />;
}

export interface SelectProps extends Omit<ComponentProps<'select'>, 'onChange'> {
  options: readonly { value: string; label: string; disabled?: boolean }[];
  onChange?: (value: string) => void;
}

/** The browser's own list: it works with every keyboard, screen reader and phone. */
export function Select({ options, onChange, className, ...rest }: SelectProps) {
  return (
    <select
      {...rest}
      onChange={(event) => onChange?.(event.target.value)}
      className={cx(CONTROL, 'h-control pr-7', className)}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value} disabled={option.disabled}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

export function PasswordInput(props: ComponentProps<'input'>) {
  const t = useT(messages);
  const [visible, setVisible] = useState(false);
  const Icon = visible ? EyeOff : Eye;
  return (
    <span className="relative block">
      <Input {...props} type={visible ? 'text' : 'password'} className="pr-10" />
      <button
        type="button"
        aria-label={visible ? t('hidePassword') : t('showPassword')}
        onClick={() => setVisible(!visible)}
        className="absolute inset-y-0 right-0 flex w-9 items-center justify-center rounded-sm text-subtle hover:text-fg focus-visible:-outline-offset-2"
      >
        <Icon aria-hidden className="size-4" />
      </button>
    </span>
  );
}

export interface TextFieldProps extends ComponentProps<'input'> {
  label: string;
  help?: ReactNode;
  error?: string | null | undefined;
  optional?: boolean;
}

export function TextField({ label, help, error, optional, className, ...rest }: TextFieldProps) {
  const Control = rest.type === 'password' ? PasswordInput : Input;
  return (
    <Field label={label} help={help} error={error} optional={optional} className={className}>
      {(control) => <Control {...rest} {...control} />}
    </Field>
  );
}

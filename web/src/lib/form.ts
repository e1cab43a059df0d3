import { useRef, useState, type ChangeEvent, type SyntheticEvent } from 'react';
import { ApiError } from '@/api/client';

export type Values = Record<string, string>;
export type Errors<V> = Partial<Record<keyof V & string, string>>;

export interface FormOptions<V extends Values, R> {
  initial: V;
  /** Messages by field; an empty object lets the form go. */
  validate: (values: V) => Errors<V>;
  submit: (values: V) => Promise<R>;
  /** `sent` is what was submitted; more may have been typed since. */
  onSuccess?: (result: R, sent: V) => void | Promise<void>;
}

export interface BoundField {
  name: string;
  value: string;
  error: string | undefined;
  onBlur: () => void;
  onChange: (
    event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>,
  ) => void;
}

export interface Form<V extends Values> {
  values: V;
  /** What is wrong with the fields the person has left, or with all of them after a submit. */
  errors: Errors<V>;
  /** A failure that belongs to no field. */
  failure: unknown;
  pending: boolean;
  dirty: boolean;
  /** Counts refused submits, so that the summary can take focus each time. */
  refusals: number;
  field: (name: keyof V & string) => BoundField;
  set: (name: keyof V & string, value: string) => void;
  /** Takes over what is stored. With `sent`, fields that changed since keep what was typed. */
  adopt: (stored: V, sent?: V) => void;
  submit: (event?: SyntheticEvent) => void;
  /** Shows an error of another request about the same values, a test for instance. */
  refuse: (error: unknown) => void;
  /** Takes back what was refused, because it is asked again. */
  forgive: () => void;
}

/** The field a server path means: `config.host` → `host`, and `tools.search` → `tools`. */
function fieldOf(path: string, values: Values): string | undefined {
  return path.split('.').findLast((step) => Object.hasOwn(values, step));
}

function serverErrors<V extends Values>(error: unknown, values: V): Errors<V> {
  const found: Values = {};
  if (!(error instanceof ApiError)) return {};
  for (const { path, message } of error.errors) {
    const name = fieldOf(path, values);
    if (name !== undefined) found[name] ??= message;
  }
  return found as Errors<V>;
}

/**
 * A form of text values: checked when a field is left and again on submit; what the server says
 * about a field lands on that field, and stays until the field changes.
 */
export function useForm<V extends Values, R>(options: FormOptions<V, R>): Form<V> {
  const [values, setValues] = useState(options.initial);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<Errors<V>>({});
  const [failure, setFailure] = useState<unknown>(null);
  const [pending, setPending] = useState(false);
  const [refusals, setRefusals] = useState(0);
  const busy = useRef(false);

  const wrong = options.validate(values);
  const errors: Errors<V> = {};
  for (const name of Object.keys(values) as (keyof V & string)[]) {
    const message = refused[name] ?? (left.has(name) ? wrong[name] : undefined);
    if (message !== undefined) errors[name] = message;
  }

  const set = (name: keyof V & string, value: string) => {
    setValues((before) => ({ ...before, [name]: value }));
    setRefused((before) => ({ ...before, [name]: undefined }));
  };

  const adopt = (stored: V, sent?: V) => {
    setValues((before) => {
      const kept = Object.entries(before).filter(([name, text]) => sent && sent[name] !== text);
      return { ...stored, ...Object.fromEntries(kept) };
    });
    setRefused({});
  };

  const refuse = (error: unknown) => {
    const named = serverErrors(error, values);
    setRefused(named);
    setFailure(Object.keys(named).length === 0 ? error : null);
    setRefusals((count) => count + 1);
  };

  const forgive = () => {
    setRefused({});
    setFailure(null);
  };

  const send = async () => {
    busy.current = true;
    setPending(true);
    setFailure(null);
    try {
      const result = await options.submit(values);
      await options.onSuccess?.(result, values);
    } catch (error) {
      refuse(error);
    } finally {
      busy.current = false;
      setPending(false);
    }
  };

  const submit = (event?: SyntheticEvent) => {
    event?.preventDefault();
    if (busy.current) return;
    setLeft(new Set(Object.keys(values)));
    if (Object.values(wrong).some((message) => message !== undefined)) {
      setRefusals((count) => count + 1);
      return;
    }
    void send();
  };

  const leave = (name: string) => setLeft((before) => new Set(before).add(name));
  const field = (name: keyof V & string): BoundField => ({
    name,
    value: values[name] ?? '',
    error: errors[name],
    onBlur: () => {
      // Tabbing through an empty form should not scold.
      if (values[name] !== options.initial[name]) leave(name);
    },
    onChange: (event) => set(name, event.target.value),
  });

  const dirty = Object.keys(values).some((name) => values[name] !== options.initial[name]);
  return {
    values,
    errors,
    failure,
    pending,
    dirty,
    refusals,
    field,
    set,
    adopt,
    submit,
    refuse,
    forgive,
  };
}

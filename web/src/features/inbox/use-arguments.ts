import { useState } from 'react';
import type { RequestAction } from '@/api/types';
import {
  argFields,
  changes,
  fieldText,
  fieldValue,
  isObject,
  type ArgField,
  type Change,
} from './schema-fields';

/** The arguments of one action, as they stand in the form or in the JSON tab. */
export interface Arguments {
  action: RequestAction;
  fields: readonly ArgField[] | null;
  value: unknown;
  changed: readonly Change[];
  /** Nothing unreadable was typed. */
  valid: boolean;
  text: (field: ArgField) => string;
  bad: (field: ArgField) => boolean;
  put: (field: ArgField, text: string) => void;
  json: string;
  badJson: boolean;
  putJson: (text: string) => void;
  reset: () => void;
}

interface State {
  value: unknown;
  /** What was typed where it does not (yet) stand for a value. */
  unread: Readonly<Record<string, string>>;
  unreadJson: string | null;
}

function without<T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}

/** A value typed by hand keeps its type, or it is not taken. */
export function useArguments(action: RequestAction): Arguments {
  const initial: State = { value: action.args, unread: {}, unreadJson: null };
  const [state, setState] = useState(initial);
  const { value, unread, unreadJson } = state;
  const fields = argFields(action.args_schema, value);

  const put = (field: ArgField, text: string) => {
    const parsed = fieldValue(field, text);
    const others = without(unread, field.name);
    if (!parsed.ok) {
      setState({ ...state, unread: { ...others, [field.name]: text } });
      return;
    }
    const base = isObject(value) ? value : {};
    const next =
      parsed.value === undefined
        ? without(base, field.name)
        : { ...base, [field.name]: parsed.value };
    setState({ ...state, value: next, unread: others });
  };
  const putJson = (text: string) => {
    try {
      setState({ value: JSON.parse(text) as unknown, unread: {}, unreadJson: null });
    } catch {
      setState({ ...state, unreadJson: text });
    }
  };
  return {
    action,
    fields,
    value,
    changed: changes(action.args, value),
    valid: Object.keys(unread).length === 0 && unreadJson === null,
    text: ({ name }) => unread[name] ?? (isObject(value) ? fieldText(value[name]) : ''),
    bad: ({ name }) => name in unread,
    put,
    json: unreadJson ?? JSON.stringify(value, null, 2),
    badJson: unreadJson !== null,
    putJson,
    reset: () => setState(initial),
  };
}

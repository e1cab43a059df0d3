import { Select, type SelectProps } from './field';

export interface Filter<K extends string> {
  key: K;
  label: string;
  options: SelectProps['options'];
}

/** Objects by name, after the choice of any of them. */
export const namedOptions = (any: string, all: readonly { id: string; name: string }[]) => [
  { value: '', label: any },
  ...all.map(({ id, name }) => ({ value: id, label: name })),
];

export interface FilterSelectsProps<K extends string> {
  filters: readonly Filter<K>[];
  values: Readonly<Partial<Record<K, string | undefined>>>;
  onChange: (key: K, value: string | undefined) => void;
}

/** The choices that narrow a list; the address holds them. */
export function FilterSelects<K extends string>(props: FilterSelectsProps<K>) {
  return props.filters.map(({ key, label, options }) => (
    <Select
      key={key}
      aria-label={label}
      value={props.values[key] ?? ''}
      options={options}
      onChange={(value) => props.onChange(key, value === '' ? undefined : value)}
      className="min-w-0 sm:w-auto sm:max-w-44"
    />
  ));
}

import { useId, type ReactNode } from 'react';

export interface ChoiceCardsProps<T extends string> {
  legend: string;
  value: T;
  onChange: (value: T) => void;
  options: readonly { value: T; label: string; note?: string; icon?: ReactNode }[];
}

/** One of a few, each with room to explain itself. */
export function ChoiceCards<T extends string>(props: ChoiceCardsProps<T>) {
  const { legend, value, onChange, options } = props;
  const name = useId();
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 text-sm font-strong">{legend}</legend>
      <div className="grid gap-2 sm:grid-cols-3">
        {options.map((option) => (
          <label
            key={option.value}
            className="flex min-h-control cursor-pointer items-center gap-2.5 rounded-lg border border-line bg-surface px-3 py-2 text-sm hover:bg-canvas has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              className="accent-(--accent-solid) outline-none"
            />
            {option.icon}
            <span>
              {option.label}
              {option.note ? (
                <span className="block text-xs text-subtle">{option.note}</span>
              ) : null}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

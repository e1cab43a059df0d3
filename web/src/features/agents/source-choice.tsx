import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { sourcesQuery } from '@/api/resources';
import type { Source } from '@/api/types';
import type { Form } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Select, TextField } from '@/ui';
import { asText, withKey, type AgentValues } from './agent-values';
import { messages } from './messages';

type Schemas = Record<string, string[]>;

const split = (text: string) =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

interface ChoiceProps {
  form: Form<AgentValues>;
  disabled: boolean;
}

/** Typed freely: the text is kept as it is, because a comma on its way is no schema yet. */
function SchemaField({ form, source, disabled }: ChoiceProps & { source: Source }) {
  const t = useT(messages);
  const all = JSON.parse(form.values.schemas) as Schemas;
  const stored = (all[source.id] ?? []).join(', ');
  const [text, setText] = useState(stored);
  // Changed by something else than these keys: undone, or saved by somebody else.
  if (split(text).join(', ') !== stored) setText(stored);
  const type = (next: string) => {
    const names = split(next);
    setText(next);
    form.set('schemas', asText(withKey(all, source.id, names.length === 0 ? null : names)));
  };
  return (
    <TextField
      name="schemas"
      label={t('schemas', { source: source.name })}
      help={t('schemasHelp')}
      error={form.errors.schemas}
      optional
      disabled={disabled}
      spellCheck={false}
      value={text}
      onChange={(event) => type(event.target.value)}
    />
  );
}

/** Those of the chat, or a list of the agent's own; databases may be narrowed to schemas. */
export function SourceChoice({ form, disabled }: ChoiceProps) {
  const t = useT(messages);
  const known = useQuery(sourcesQuery).data?.data;
  const sources = known ?? [];
  const own = JSON.parse(form.values.source_ids) as string[] | null;
  // What is gone is listed too: the server refuses it, so there must be a way to take it out.
  const gone = known ? (own ?? []).filter((id) => !known.some((one) => one.id === id)) : [];
  const listed = [...sources, ...gone.map((id) => ({ id, name: t('sourceGone') }))];
  const toggle = (id: string, on: boolean) =>
    form.set(
      'source_ids',
      asText(on ? [...(own ?? []), id] : (own ?? []).filter((other) => other !== id)),
    );
  const narrowed = sources.filter(
    ({ id, engine }) => engine === 'postgresql' && (own === null || own.includes(id)),
  );
  return (
    <div className="flex flex-col gap-3">
      <Select
        name="source_ids"
        aria-label={t('sources')}
        disabled={disabled}
        value={own === null ? 'chat' : 'own'}
        options={[
          { value: 'chat', label: t('chatSources') },
          { value: 'own', label: t('ownSources') },
        ]}
        onChange={(value) => form.set('source_ids', value === 'chat' ? 'null' : '[]')}
      />
      {own === null ? null : (
        <ul className="flex flex-col gap-1">
          {listed.map(({ id, name }) => (
            <li key={id}>
              <label className="flex min-h-6 items-center gap-2 text-sm">
                <input
                  type="checkbox"
                  disabled={disabled}
                  checked={own.includes(id)}
                  onChange={(event) => toggle(id, event.target.checked)}
                />
                {name}
              </label>
            </li>
          ))}
          {listed.length === 0 ? <li className="text-sm text-subtle">{t('noSources')}</li> : null}
        </ul>
      )}
      {form.errors.source_ids ? (
        <p className="text-xs text-danger">{form.errors.source_ids}</p>
      ) : null}
      {narrowed.map((source) => (
        <SchemaField key={source.id} form={form} source={source} disabled={disabled} />
      ))}
    </div>
  );
}

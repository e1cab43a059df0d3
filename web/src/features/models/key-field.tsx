import { KeyRound } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { KeyState } from '@/api/types';
import { formatAbsolute, formatRelative } from '@/lib/format';
import { useT, type Translate } from '@/lib/i18n';
import { Button, TextField } from '@/ui';
import { messages } from './messages';

const EXAMPLE = '${OPENAI_API_KEY}';

/** What happens to the stored key on save. */
export type KeyChange = 'keep' | 'replace' | 'remove';

function stateText(state: KeyState, t: Translate<keyof (typeof messages)['en']>): string {
  if (!state.updated_at || !state.last4) return t('keyStateShort');
  return t('keyState', { when: formatRelative(state.updated_at), last4: state.last4 });
}

interface StoredProps {
  text: string;
  title?: string | undefined;
  error?: string | undefined;
  children: ReactNode;
}

function Stored({ text, title, error, children }: StoredProps) {
  const t = useT(messages);
  return (
    <div role="group" aria-label={t('key')} className="flex flex-col gap-1">
      <p aria-hidden className="text-sm font-strong">
        {t('key')}
      </p>
      <div className="flex min-h-control flex-wrap items-center gap-2 rounded-sm border border-line bg-sunken px-2.5 py-1 text-sm">
        <KeyRound aria-hidden className="size-4 text-subtle" />
        <span className="min-w-0 flex-1 basis-40" title={title}>
          {text}
        </span>
        {children}
      </div>
      {error ? <p className="text-xs text-danger">{error}</p> : null}
    </div>
  );
}

export interface KeyFieldProps {
  /** What the server tells about a stored key: never the key. */
  state: KeyState | undefined;
  change: KeyChange;
  /** The new key; empty unless one is being typed. */
  value: string;
  error?: string | undefined;
  onChange: (change: KeyChange, value: string) => void;
}

/**
 * A key that can be set but not read. While one is stored there is no input at all, so no masked
 * text can ever be sent back as if it were the key.
 */
export function KeyField({ state, change, value, error, onChange }: KeyFieldProps) {
  const t = useT(messages);
  // What was pressed goes away; focus moves to what comes in its place.
  const [pressed, setPressed] = useState(false);
  const press = (next: KeyChange) => {
    setPressed(true);
    onChange(next, '');
  };
  const keep = (
    <Button size="sm" autoFocus={pressed && change === 'remove'} onClick={() => press('keep')}>
      {t('keep')}
    </Button>
  );
  const stored = state?.configured === true;
  if (stored && change === 'remove') return <Stored text={t('keyRemoved')}>{keep}</Stored>;
  if (stored && change === 'keep') {
    const title = state.updated_at ? formatAbsolute(state.updated_at) : undefined;
    return (
      <Stored text={stateText(state, t)} title={title} error={error}>
        <Button size="sm" autoFocus={pressed} onClick={() => press('replace')}>
          {t('replace')}
        </Button>
        <Button size="sm" variant="danger" onClick={() => press('remove')}>
          {t('removeKey')}
        </Button>
      </Stored>
    );
  }
  return (
    <div className="flex flex-col items-start gap-1.5">
      <TextField
        className="w-full"
        name="api_key"
        type="password"
        label={t('key')}
        help={t('keyHelp', { example: EXAMPLE })}
        error={error}
        value={value}
        autoComplete="off"
        autoFocus={pressed}
        spellCheck={false}
        onChange={(event) => onChange('replace', event.target.value)}
      />
      {stored ? keep : null}
    </div>
  );
}

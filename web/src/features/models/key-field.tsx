import { KeyRound } from 'lucide-react';
import type { KeyState } from '@/api/types';
import { formatAbsolute, formatRelative } from '@/lib/format';
import { useT, type Translate } from '@/lib/i18n';
import { Button, TextField } from '@/ui';
import { messages } from './messages';

const EXAMPLE = '${OPENAI_API_KEY}';

function stateText(state: KeyState, t: Translate<keyof (typeof messages)['en']>): string {
  if (!state.updated_at || !state.last4) return t('keyStateShort');
  return t('keyState', { when: formatRelative(state.updated_at), last4: state.last4 });
}

export interface KeyFieldProps {
  /** What the server tells about a stored key: never the key. */
  state: KeyState | undefined;
  /** null: keep the stored key; a text: the new one. */
  value: string | null;
  error?: string | undefined;
  onChange: (value: string | null) => void;
}

/**
 * A key that can be set but not read. While one is stored there is no input at all, so no masked
 * text can ever be sent back as if it were the key.
 */
export function KeyField({ state, value, error, onChange }: KeyFieldProps) {
  const t = useT(messages);
  if (state?.configured && value === null) {
    return (
      <div className="flex flex-col gap-1">
        <p className="text-sm font-strong">{t('key')}</p>
        <div className="flex min-h-control flex-wrap items-center gap-2 rounded-sm border border-line bg-sunken px-2.5 py-1 text-sm">
          <KeyRound aria-hidden className="size-4 text-subtle" />
          <span
            className="min-w-0 flex-1"
            title={state.updated_at ? formatAbsolute(state.updated_at) : undefined}
          >
            {stateText(state, t)}
          </span>
          <Button size="sm" onClick={() => onChange('')}>
            {t('replace')}
          </Button>
        </div>
        {error ? <p className="text-xs text-danger">{error}</p> : null}
      </div>
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
        value={value ?? ''}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
      {state?.configured ? (
        <Button size="sm" variant="ghost" onClick={() => onChange(null)}>
          {t('keep')}
        </Button>
      ) : null}
    </div>
  );
}

import { useId, useState } from 'react';
import { useT } from '@/lib/i18n';
import { Button } from '@/ui';
import { messages } from './messages';
import type { Spec } from './sanitise-spec';

interface SpecEditorProps {
  spec: Spec;
  /** The server checks it against the schema and the allow-list. */
  onApply: (spec: Spec) => void;
}

/** Null for what is no JSON object. */
function parsed(text: string): Spec | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Spec)
      : null;
  } catch {
    return null;
  }
}

const written = (spec: Spec) => JSON.stringify(spec, null, 2);

/** The chart's specification as text. */
export default function SpecEditor({ spec, onApply }: SpecEditorProps) {
  const t = useT(messages);
  const hint = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? written(spec);
  const made = parsed(text);
  return (
    <div className="flex flex-col gap-2 border-b border-line bg-sunken px-4 py-3">
      <textarea
        aria-label={t('spec')}
        aria-describedby={hint}
        aria-invalid={made === null}
        spellCheck={false}
        rows={12}
        value={text}
        onChange={(event) => setDraft(event.target.value)}
        className="w-full rounded-md border border-line-control bg-surface p-2 font-mono text-xs"
      />
      <p id={hint} className={made ? 'text-xs text-muted' : 'text-xs text-danger'}>
        {t(made ? 'specHint' : 'notJson')}
      </p>
      <div className="flex gap-2">
        <Button
          size="sm"
          disabled={draft === null || made === null}
          onClick={() => {
            if (made) onApply(made);
            setDraft(null);
          }}
        >
          {t('apply')}
        </Button>
        {draft !== null && (
          <Button size="sm" variant="ghost" onClick={() => setDraft(null)}>
            {t('discard')}
          </Button>
        )}
      </div>
    </div>
  );
}

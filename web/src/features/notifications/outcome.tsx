import { CircleAlert, CircleCheck } from 'lucide-react';
import { useT } from '@/lib/i18n';
import { messages } from './messages';

export interface OutcomeProps {
  ok: boolean;
  detail: string;
  elapsed_ms?: number;
}

/** What really became of a test. */
export function Outcome({ ok, detail, elapsed_ms: took }: OutcomeProps) {
  const t = useT(messages);
  const Icon = ok ? CircleCheck : CircleAlert;
  return (
    <p role="status" className="flex items-start gap-2 text-sm break-words">
      <Icon
        aria-hidden
        className={`mt-0.5 size-4 shrink-0 ${ok ? 'text-success' : 'text-danger'}`}
      />
      <span className="min-w-0">
        {detail}
        {took === undefined ? null : (
          <span className="text-subtle nums"> · {t('took', { ms: took })}</span>
        )}
      </span>
    </p>
  );
}

import { Link } from '@tanstack/react-router';
import { CircleAlert } from 'lucide-react';
import { useT } from '@/lib/i18n';
import { Button, buttonClass, Hint } from '@/ui';
import { messages } from './messages';

export interface AnswerFailure {
  code?: string | undefined;
  message: string;
  hint?: string | null | undefined;
  errorId?: string | undefined;
}

/** Where the cause of a failure is put right. */
function fixFor(code: string | undefined) {
  if (code === undefined) return null;
  if (/model|key|auth_failed|rate|context/.test(code))
    return { to: '/settings/models', label: 'openModels' } as const;
  if (code === 'no_worker') return { to: '/settings/workers', label: 'openWorkers' } as const;
  if (/source|unreachable/.test(code)) return { to: '/sources', label: 'openSource' } as const;
  return null;
}

interface AnswerErrorProps {
  failure: AnswerFailure;
  onRetry: (() => void) | null;
}

/** What went wrong, where it went wrong, and the next step. */
export function AnswerError({ failure, onRetry }: AnswerErrorProps) {
  const t = useT(messages);
  const fix = fixFor(failure.code);
  return (
    <div role="alert" className="flex gap-3 rounded-lg border border-line bg-danger-soft px-4 py-3">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
      <div className="min-w-0 text-sm">
        <p className="font-strong">{t('failedTitle')}</p>
        <p className="break-words">{failure.message}</p>
        {failure.hint && (
          <p className="text-muted">
            <Hint text={failure.hint} />
          </p>
        )}
        <div className="mt-2 flex flex-wrap items-center gap-2">
          {onRetry && (
            <Button size="sm" onClick={onRetry}>
              {t('retry')}
            </Button>
          )}
          {fix && (
            <Link to={fix.to} className={buttonClass('ghost', 'sm')}>
              {t(fix.label)}
            </Link>
          )}
          {failure.errorId && (
            <code className="text-xs text-subtle">{t('errorId', { id: failure.errorId })}</code>
          )}
        </div>
      </div>
    </div>
  );
}

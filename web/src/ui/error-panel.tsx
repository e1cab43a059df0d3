import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '@/api/client';
import { useT } from '@/lib/i18n';
import { Button } from './button';
import { CopyButton } from './copy-button';
import { Hint } from './hint';
import { messages } from './messages';

export interface ErrorPanelProps {
  error: unknown;
  /** Says what was being done: “The sources could not be loaded”. */
  title?: string;
  onRetry?: () => void;
  /** More ways out: a link to the fix. */
  actions?: ReactNode;
}

interface Explained {
  title: string;
  detail: string | undefined;
  hint: string | undefined;
  id: string | undefined;
}

/** What is not there, or not theirs to see: nothing to try again, and nothing to report. */
const isGone = (error: unknown) => error instanceof ApiError && error.code === 'not_found';

function useExplained(error: unknown): Explained {
  const t = useT(messages);
  if (error instanceof ApiError) {
    const away = error.status === 0;
    if (isGone(error))
      return { title: error.title, detail: error.detail, hint: t('errorGone'), id: undefined };
    return {
      title: away ? t('errorUnreachable') : error.title,
      detail: error.detail,
      hint: error.hint ?? (away ? t('errorUnreachableHint') : undefined),
      id: error.correlation_id,
    };
  }
  return { title: t('errorUnknown'), detail: undefined, hint: t('errorHint'), id: undefined };
}

/** The text people paste into a report: no secrets, only what was shown and when. */
export function errorDetails(error: unknown): string {
  const lines = [new Date().toISOString(), window.location.pathname];
  if (error instanceof ApiError) {
    lines.push(`${error.status} ${error.code}`, error.title, error.detail ?? '');
    if (error.correlation_id !== undefined) lines.push(`correlation_id ${error.correlation_id}`);
  } else if (error instanceof Error) {
    lines.push(error.name, error.message);
  }
  return lines.filter((line) => line !== '').join('\n');
}

/** What happened · what to do · the error's id · copy details. */
export function ErrorPanel({ error, title, onRetry, actions }: ErrorPanelProps) {
  const t = useT(messages);
  const explained = useExplained(error);
  const gone = isGone(error);
  return (
    <div role="alert" className="rounded-lg border border-line bg-surface p-4 shadow-card">
      <div className="flex gap-3">
        <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
        <div className="flex min-w-0 flex-1 flex-col gap-1">
          <p className="font-strong">{title ?? explained.title}</p>
          {title === undefined || gone ? null : (
            <p className="text-sm text-muted">{explained.title}</p>
          )}
          {explained.detail ? <p className="text-sm text-muted">{explained.detail}</p> : null}
          {explained.hint ? (
            <p className="text-sm break-words">
              <Hint text={explained.hint} />
            </p>
          ) : null}
          <div className="mt-2 flex flex-wrap items-center gap-2">
            {onRetry && !gone ? (
              <Button size="sm" onClick={onRetry}>
                {t('retry')}
              </Button>
            ) : null}
            {actions}
            {gone ? null : (
              <CopyButton
                variant="ghost"
                label={t('copyDetails')}
                text={() => errorDetails(error)}
              />
            )}
            {explained.id === undefined ? null : (
              <code className="text-xs text-subtle">{t('errorId', { id: explained.id })}</code>
            )}
          </div>
        </div>
      </div>
    </div>
  );
}

import { CircleCheck, CircleX } from 'lucide-react';
import type { ModelTest } from '@/api/types';
import { formatDuration } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Spinner } from '@/ui';
import { messages } from './messages';

export interface ChecksProps {
  name: string;
  running: boolean;
  result?: ModelTest | undefined;
}

/** What a model was found able to do, one line each. */
export function Checks({ name, running, result }: ChecksProps) {
  const t = useT(messages);
  if (running) {
    return (
      <p role="status" className="flex items-center gap-2 text-sm text-muted">
        <Spinner />
        {t('testing')}
      </p>
    );
  }
  if (!result) return null;
  return (
    <ul aria-label={t('checks', { name })} aria-live="polite" className="divide-y divide-line">
      {result.checks.map((check) => {
        const Icon = check.ok ? CircleCheck : CircleX;
        return (
          <li key={check.name} className="flex gap-2.5 py-1.5 text-sm">
            <Icon
              aria-hidden
              className={`mt-0.5 size-4 shrink-0 ${check.ok ? 'text-success' : 'text-danger'}`}
            />
            <div className="min-w-0 flex-1">
              <p>
                {t(check.name)}{' '}
                <span className="text-subtle">{check.ok ? t('passed') : t('failed')}</span>
              </p>
              {check.detail ? (
                <p className="text-xs break-words text-muted">{check.detail}</p>
              ) : null}
            </div>
            <span className="nums text-xs text-subtle">{formatDuration(check.elapsed_ms)}</span>
          </li>
        );
      })}
    </ul>
  );
}

import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { RunRow } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Dialog, ErrorPanel, Input, SkeletonRows, Time } from '@/ui';
import { runsOptions } from './api';
import { messages as listMessages } from './messages';
import { messages } from './run-messages';
import { RunStatusChip } from './run-status';

/** Chooses the other run; those with the same question come first. */
export function CompareDialog({ run, onClose }: { run: RunRow; onClose: () => void }) {
  const t = useT(messages);
  const list = useT(listMessages);
  const [q, setQ] = useState('');
  const runs = useInfiniteQuery(runsOptions({ since: 'all', q: q || undefined }));
  const found = (runs.data?.pages.flatMap(({ data }) => data) ?? []).filter(
    ({ id }) => id !== run.id,
  );
  const same = (other: RunRow) => Number(other.title !== run.title);
  const sorted = [...found].sort((a, b) => same(a) - same(b)).slice(0, 20);
  return (
    <Dialog open onClose={onClose} title={t('comparePick')}>
      <div className="flex flex-col gap-3">
        <Input
          type="search"
          aria-label={t('compareSearch')}
          placeholder={t('compareSearch')}
          value={q}
          onChange={(event) => setQ(event.target.value)}
        />
        {runs.isPending ? <SkeletonRows rows={5} label={t('loading')} /> : null}
        {runs.error ? <ErrorPanel error={runs.error} onRetry={() => void runs.refetch()} /> : null}
        {runs.isSuccess && sorted.length === 0 ? (
          <p className="text-sm text-muted">{t('compareNone')}</p>
        ) : null}
        <ul className="flex max-h-80 flex-col overflow-y-auto">
          {sorted.map((other) => (
            <li key={other.id} className="flex items-center gap-2 border-b border-line py-1.5">
              <RunStatusChip status={other.status} />
              <Link
                to="/runs/$run/compare"
                params={{ run: run.id }}
                search={{ with: other.id }}
                className="min-w-0 flex-1 truncate text-sm hover:underline"
              >
                {other.title || list('untitled')}
              </Link>
              <span className="text-xs text-subtle">
                <Time iso={other.created_at} style="clock" />
              </span>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}

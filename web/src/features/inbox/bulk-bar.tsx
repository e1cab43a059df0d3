import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { InboxRequest } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, Confirm, toast } from '@/ui';
import { decideMany } from './api';
import { messages } from './messages';
import { isNotice } from './notice';

/** The same action with the same schema, below destructive: only such are approved together. */
export function alike(requests: readonly InboxRequest[]): boolean {
  const shapes = new Set(
    requests.flatMap(({ actions }) =>
      actions.map(({ name, args_schema: schema }) => JSON.stringify([name, schema])),
    ),
  );
  return shapes.size === 1 && requests.every(({ risk }) => risk !== 'destructive');
}

export interface BulkBarProps {
  requests: readonly InboxRequest[];
  onDone: () => void;
}

/** One decision for several requests; what is about to happen is listed first. */
export function BulkBar({ requests, onDone }: BulkBarProps) {
  const t = useT(messages);
  const client = useQueryClient();
  const [asking, setAsking] = useState<'approve' | 'reject' | null>(null);
  const count = requests.length;
  const mixed = !alike(requests);
  const notices = requests.every(isNotice);
  const approve = notices ? 'markSelected' : 'approveSelected';
  const run = async (type: 'approve' | 'reject') => {
    const { results } = await decideMany(
      requests.map(({ id }) => id),
      type,
    );
    const failed = results.filter(({ ok }) => !ok);
    if (failed.length === 0) toast({ title: t('bulkDone', { count }), tone: 'success' });
    else
      toast({
        title: t('bulkSome', { failed: failed.length, count }),
        detail: failed[0]?.message ?? '',
        tone: 'danger',
      });
    onDone();
    await client.invalidateQueries({ queryKey: ['requests'] });
  };
  return (
    <div className="flex flex-wrap items-center gap-2 rounded-lg border border-line bg-surface px-4 py-2 shadow-card">
      <span role="status" className="text-sm font-strong">
        {t('selected', { count })}
      </span>
      <Button size="sm" disabled={mixed} onClick={() => setAsking('approve')}>
        {t(approve)}
      </Button>
      {requests.some(isNotice) ? null : (
        <Button size="sm" variant="danger" onClick={() => setAsking('reject')}>
          {t('rejectSelected')}
        </Button>
      )}
      <Button size="sm" variant="ghost" onClick={onDone}>
        {t('clear')}
      </Button>
      {mixed ? <span className="text-xs text-muted">{t('bulkMixed')}</span> : null}
      {asking ? (
        <Confirm
          open
          title={t(asking === 'reject' ? 'bulkReject' : notices ? 'bulkMark' : 'bulkConfirm', {
            count,
          })}
          action={t(asking === 'approve' ? approve : 'rejectSelected')}
          onConfirm={() => run(asking)}
          onClose={() => setAsking(null)}
        >
          <ul className="flex max-h-60 flex-col gap-1 overflow-y-auto">
            {requests.map(({ id, title }) => (
              <li key={id} className="break-words">
                {title}
              </li>
            ))}
          </ul>
        </Confirm>
      ) : null}
    </div>
  );
}

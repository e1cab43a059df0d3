import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, CircleMinus, Clock } from 'lucide-react';
import type { Delivery, Webhook } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, Chip, Dialog, ErrorPanel, SkeletonRows, Time, type Tone } from '@/ui';
import { deliveriesQuery, redeliver, webhooksQuery } from './api';
import { messages } from './messages';

const LOOKS = {
  waiting: { tone: 'accent', Icon: Clock, label: 'statusWaiting' },
  delivered: { tone: 'success', Icon: CircleCheck, label: 'statusDelivered' },
  failed: { tone: 'danger', Icon: CircleAlert, label: 'statusFailed' },
  dropped: { tone: 'neutral', Icon: CircleMinus, label: 'statusDropped' },
} as const satisfies Record<Delivery['status'], { tone: Tone; Icon: unknown; label: string }>;

function Row({ delivery }: { delivery: Delivery }) {
  const t = useT(messages);
  const queryClient = useQueryClient();
  const again = useMutation({
    mutationFn: () => redeliver(delivery.id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: webhooksQuery.queryKey }),
  });
  const { tone, Icon, label } = LOOKS[delivery.status];
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-1 py-2.5">
      <div className="min-w-0 flex-1 basis-56">
        <p className="text-sm break-words">{delivery.title}</p>
        <p className="text-xs break-words text-subtle nums">
          <Time iso={delivery.created_at} /> · {t('attempts', { count: delivery.attempts })}
          {delivery.last_error === '' ? null : ` · ${delivery.last_error}`}
          {delivery.next_at === null || delivery.attempts === 0 ? null : (
            <>
              {` · ${t('next')} `}
              <Time iso={delivery.next_at} />
            </>
          )}
        </p>
        <p className="text-xs break-all text-subtle">
          <code>{delivery.event_key}</code>
        </p>
        {again.error ? <ErrorPanel error={again.error} /> : null}
      </div>
      <Chip tone={tone} icon={<Icon aria-hidden />}>
        {t(label)}
      </Chip>
      {delivery.status === 'waiting' ? null : (
        <Button size="sm" loading={again.isPending} onClick={() => again.mutate()}>
          {t('again')}
        </Button>
      )}
    </li>
  );
}

/** The latest deliveries of a webhook, each with what the last attempt met. */
export default function Deliveries({ hook, onClose }: { hook: Webhook; onClose: () => void }) {
  const t = useT(messages);
  const found = useQuery(deliveriesQuery(hook.id));
  return (
    <Dialog
      open
      title={t('deliveriesOf', { name: hook.name })}
      onClose={onClose}
      footer={<Button onClick={onClose}>{t('close')}</Button>}
    >
      {found.isPending ? <SkeletonRows label={t('loading')} /> : null}
      {found.error ? <ErrorPanel error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.data?.data.length === 0 ? (
        <p className="text-sm text-muted">{t('noDeliveries')}</p>
      ) : null}
      <ul className="divide-y divide-line">
        {found.data?.data.map((delivery) => (
          <Row key={delivery.id} delivery={delivery} />
        ))}
      </ul>
    </Dialog>
  );
}

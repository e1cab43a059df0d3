import { useQuery } from '@tanstack/react-query';
import { PlugZap, Plus } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '@/api/resources';
import { AddWorker, messages, WorkerCard, workersQuery } from '@/features/workers';
import { useT } from '@/lib/i18n';
import { Button, Card, EmptyState, ErrorPanel, Page, SkeletonRows } from '@/ui';

export function WorkersPage() {
  const t = useT(messages);
  const manage = useCan()('worker:manage');
  const workers = useQuery(workersQuery);
  const [adding, setAdding] = useState(false);
  const add = (
    <Button
      variant="primary"
      icon={<Plus aria-hidden className="size-4" />}
      onClick={() => setAdding(true)}
    >
      {t('add')}
    </Button>
  );
  return (
    <Page title={t('title')} description={t('lead')} actions={manage ? add : null}>
      {workers.isPending ? <SkeletonRows label={t('loading')} /> : null}
      {workers.error ? (
        <ErrorPanel error={workers.error} onRetry={() => void workers.refetch()} />
      ) : null}
      {workers.data?.length === 0 ? (
        <EmptyState icon={<PlugZap aria-hidden />} title={t('empty')}>
          {t('emptyBody')}
        </EmptyState>
      ) : null}
      {workers.data && workers.data.length > 0 ? (
        <Card flush>
          <ul className="divide-y divide-line">
            {workers.data.map((worker) => (
              <WorkerCard key={worker.id} worker={worker} manage={manage} />
            ))}
          </ul>
        </Card>
      ) : null}
      {adding ? <AddWorker onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

import { useMutation } from '@tanstack/react-query';
import { CircleCheck } from 'lucide-react';
import type { Source, SourceTest } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, Card, ErrorPanel, Time } from '@/ui';
import { addMessages } from './add-messages';
import { testSource, useSourcesChanged } from './api';
import { messages } from './messages';
import { StatusChip } from './source-chips';
import { TestSteps, WeakRolePanel } from './test-steps';

function Verdict({ result }: { result: SourceTest }) {
  const t = useT(messages);
  const step = useT(addMessages);
  const failed = result.steps.find((one) => one.ok === false);
  if (result.ok || !failed) {
    return (
      <p role="status" className="flex items-center gap-2 text-sm text-success">
        <CircleCheck aria-hidden className="size-4" />
        {t('testOk')}
      </p>
    );
  }
  return (
    <p role="alert" className="text-sm text-danger">
      {t('testFailed', { step: step(failed.name) })}
    </p>
  );
}

function LastCheck({ source }: { source: Source }) {
  const t = useT(messages);
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
      <dt className="text-subtle">{t('lastChecked')}</dt>
      <dd>{source.checked_at ? <Time iso={source.checked_at} /> : t('never')}</dd>
      {source.last_error ? (
        <>
          <dt className="text-subtle">{t('lastError')}</dt>
          <dd className="break-words text-danger">{source.last_error}</dd>
        </>
      ) : null}
    </dl>
  );
}

/** Whether the source can be read right now, and if not, where it fails. */
export function HealthTab({ source }: { source: Source }) {
  const t = useT(messages);
  const changed = useSourcesChanged();
  const test = useMutation({ mutationFn: () => testSource(source.id), onSuccess: changed });
  const weak = test.data ? test.data.weak_role : source.weak_role;
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      <Card
        title={<StatusChip source={source} />}
        description={t('healthLead')}
        actions={
          <Button loading={test.isPending} onClick={() => test.mutate()}>
            {test.isPending ? t('testing') : t('test')}
          </Button>
        }
      >
        <div className="flex flex-col gap-3">
          <LastCheck source={source} />
          {test.isPending || test.data ? (
            <TestSteps running={test.isPending} {...(test.data ? { result: test.data } : {})} />
          ) : null}
          {test.data ? <Verdict result={test.data} /> : null}
        </div>
      </Card>
      {test.error ? <ErrorPanel error={test.error} /> : null}
      {weak ? <WeakRolePanel weak={weak} /> : null}
    </div>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleAlert, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { statusQuery, useSession } from '@/api/resources';
import type { ServerStatus } from '@/api/types';
import { messages } from '@/features/settings';
import { useT } from '@/lib/i18n';
import { buttonClass, Card, Chip, CopyButton, ErrorPanel, Page, SkeletonRows } from '@/ui';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-subtle">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

/** State only: nothing that names people or data. */
function diagnostics(status: ServerStatus): string {
  const { version, workers, model } = status;
  return JSON.stringify(
    {
      version,
      workers_online: workers.online,
      model: { configured: model.configured, provider: model.provider, is_demo: model.is_demo },
      browser: navigator.userAgent,
      language: navigator.language,
      at: new Date().toISOString(),
    },
    null,
    2,
  );
}

function State({ status }: { status: ServerStatus }) {
  const t = useT(messages);
  const { organization, user } = useSession();
  const healthy = status.workers.online > 0;
  return (
    <Card
      actions={<CopyButton label={t('copyDiagnostics')} text={() => diagnostics(status)} />}
      title={
        <Chip
          tone={healthy ? 'success' : 'warning'}
          icon={healthy ? <CircleCheck aria-hidden /> : <CircleAlert aria-hidden />}
        >
          {healthy ? t('healthy') : t('unhealthy')}
        </Chip>
      }
      description={t('diagnosticsNote')}
    >
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2 text-sm">
        <Fact name={t('version')}>{status.version}</Fact>
        <Fact name={t('workers')}>{status.workers.online}</Fact>
        <Fact name={t('model')}>{status.model.name ?? t('noModel')}</Fact>
        <Fact name={t('organization')}>{organization.name}</Fact>
        <Fact name={t('signedIn')}>{user.email}</Fact>
      </dl>
    </Card>
  );
}

export function AboutPage() {
  const t = useT(messages);
  const status = useQuery(statusQuery);
  return (
    <Page title={t('about')} description={t('aboutLead')}>
      {status.isPending ? <SkeletonRows label={t('loading')} /> : null}
      {status.error ? (
        <ErrorPanel error={status.error} onRetry={() => void status.refetch()} />
      ) : null}
      {status.data && !status.error ? <State status={status.data} /> : null}
      <Card title={t('connectWorker')} description={t('connectWorkerBody')}>
        <Link to="/settings/workers" className={buttonClass()}>
          {t('toWorkers')}
        </Link>
      </Card>
    </Page>
  );
}

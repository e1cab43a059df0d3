import { useQuery } from '@tanstack/react-query';
import {
  BrowserCard,
  EmailCard,
  KindTable,
  messages,
  notificationsQuery,
  WebhooksCard,
} from '@/features/notifications';
import { useT } from '@/lib/i18n';
import { ErrorPanel, Page, SkeletonRows } from '@/ui';

export function NotificationsPage() {
  const t = useT(messages);
  const found = useQuery(notificationsQuery);
  return (
    <Page title={t('title')} description={t('lead')}>
      {found.isPending ? <SkeletonRows label={t('loading')} /> : null}
      {found.error ? <ErrorPanel error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.data ? (
        <>
          <KindTable found={found.data} />
          <BrowserCard />
          <EmailCard mail={found.data.mail} />
          <WebhooksCard />
        </>
      ) : null}
    </Page>
  );
}

import { Link, useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { Compass, Lock } from 'lucide-react';
import { ApiError } from '@/api/client';
import { useT } from '@/lib/i18n';
import { buttonClass, EmptyState, ErrorPanel, Page } from '@/ui';
import { messages } from './messages';

function Back() {
  const t = useT(messages);
  return (
    <Link to="/chats" className={buttonClass('secondary')}>
      {t('back')}
    </Link>
  );
}

export function NotFoundPage() {
  const t = useT(messages);
  return (
    <Page title={t('notFoundTitle')} width="reading">
      <EmptyState icon={<Compass aria-hidden />} actions={<Back />}>
        {t('notFoundBody')}
      </EmptyState>
    </Page>
  );
}

/** For an address that is nowhere, in or out of the shell. */
export function LostPage() {
  return (
    <main id="main">
      <NotFoundPage />
    </main>
  );
}

function ForbiddenPage() {
  const t = useT(messages);
  return (
    <Page title={t('forbiddenTitle')} width="reading">
      <EmptyState icon={<Lock aria-hidden />} actions={<Back />}>
        {t('forbiddenBody')}
      </EmptyState>
    </Page>
  );
}

/** What a page shows instead of itself when loading or drawing it failed. */
export function RouteErrorPage({ error, reset }: ErrorComponentProps) {
  const t = useT(messages);
  const router = useRouter();
  if (error instanceof ApiError && error.status === 404) return <NotFoundPage />;
  if (error instanceof ApiError && error.status === 403) return <ForbiddenPage />;
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Page title={t('errorTitle')} width="reading">
      <ErrorPanel error={error} onRetry={retry} />
    </Page>
  );
}

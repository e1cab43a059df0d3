import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Database, Plus } from 'lucide-react';
import { sourcesQuery, useCan } from '@/api/resources';
import { AddCards, messages, SourceList, useSourcesChanged } from '@/features/sources';
import { useT } from '@/lib/i18n';
import { buttonClass, EmptyState, ErrorPanel, Page, SkeletonRows } from '@/ui';
import { useNavigate } from '@tanstack/react-router';

function NoSources() {
  const t = useT(messages);
  const can = useCan();
  const navigate = useNavigate();
  const changed = useSourcesChanged();
  return (
    <>
      <EmptyState icon={<Database aria-hidden />} title={t('empty')}>
        {t('emptyBody')}
      </EmptyState>
      {can('source:create') ? (
        <AddCards
          onDone={async (source) => {
            await changed();
            await navigate({ to: '/chats/new', search: { source: source.id } });
          }}
        />
      ) : null}
    </>
  );
}

export function SourcesPage() {
  const t = useT(messages);
  const can = useCan();
  const sources = useQuery(sourcesQuery);
  const add = can('source:create') ? (
    <Link to="/sources/new" className={buttonClass('primary')}>
      <Plus aria-hidden className="size-4" />
      {t('add')}
    </Link>
  ) : null;
  return (
    <Page title={t('title')} description={t('lead')} actions={add}>
      {sources.isPending ? <SkeletonRows label={t('loading')} /> : null}
      {sources.error ? (
        <ErrorPanel error={sources.error} onRetry={() => void sources.refetch()} />
      ) : null}
      {sources.data?.data.length === 0 ? <NoSources /> : null}
      {sources.data && sources.data.data.length > 0 ? (
        <SourceList sources={sources.data.data} />
      ) : null}
    </Page>
  );
}

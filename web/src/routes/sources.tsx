import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { sourcesQuery, useCan } from '@/api/resources';
import { AddCards, messages, SourceList, useSourcesChanged } from '@/features/sources';
import { useT } from '@/lib/i18n';
import { buttonClass, ErrorPanel, Page, SkeletonRows } from '@/ui';

function NoSources() {
  const t = useT(messages);
  const can = useCan();
  const navigate = useNavigate();
  const changed = useSourcesChanged();
  return (
    <section className="mx-auto flex w-full max-w-3xl flex-col gap-6 py-12">
      <div className="flex flex-col gap-1 text-center">
        <h2 className="text-title-sm">{t('empty')}</h2>
        <p className="text-sm text-muted">{t('emptyBody')}</p>
      </div>
      {can('source:create') ? (
        <AddCards
          onDone={async ({ id }, agent) => {
            await changed();
            await navigate({
              to: '/chats/new',
              search: { source: id, ...(agent ? { agent } : {}) },
            });
          }}
        />
      ) : null}
    </section>
  );
}

export function SourcesPage() {
  const t = useT(messages);
  const can = useCan();
  const sources = useQuery(sourcesQuery);
  const some = sources.data !== undefined && sources.data.data.length > 0;
  const add =
    can('source:create') && some ? (
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
      {some ? <SourceList sources={sources.data.data} /> : null}
    </Page>
  );
}

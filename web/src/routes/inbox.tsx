import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Inbox } from 'lucide-react';
import { agentsQuery, sourcesQuery } from '@/api/resources';
import type { InboxRequest } from '@/api/types';
import {
  countQuery,
  InboxFilterBar,
  inboxMessages,
  isView,
  RequestList,
  requestsOptions,
  VIEWS,
  type InboxFilters,
} from '@/features/inbox';
import { useT } from '@/lib/i18n';
import { EmptyState, ErrorPanel, MoreButton, Page, SkeletonRows, Tabs } from '@/ui';

const route = getRouteApi('/shell/inbox');

function useFilters() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const filters: InboxFilters = {
    ...search,
    view: isView(search.view) ? search.view : 'needs_me',
  };
  const change = (changed: Partial<InboxFilters>) => {
    const { view, ...rest } = { ...filters, ...changed };
    void navigate({
      to: '/inbox',
      replace: true,
      search: view === 'needs_me' ? rest : { ...rest, view },
    });
  };
  return { filters, change };
}

function useOpen() {
  const navigate = useNavigate();
  return (request: InboxRequest, intent?: 'edit' | 'respond' | 'approve') =>
    void navigate({
      to: '/inbox/$request',
      params: { request: request.id },
      search: intent === undefined || intent === 'approve' ? {} : { do: intent },
    });
}

const LAST = 5;

/** Nothing to do: what was decided last instead. */
function Nothing({ mine }: { mine: boolean }) {
  const t = useT(inboxMessages);
  const open = useOpen();
  const done = useInfiniteQuery({ ...requestsOptions({ view: 'done' }), enabled: mine });
  const last = (done.data?.pages[0]?.data ?? []).slice(0, LAST);
  return (
    <div className="flex flex-col gap-4">
      <EmptyState icon={<Inbox aria-hidden />} title={t(mine ? 'nothing' : 'nothingIn')}>
        {mine ? t('nothingBody') : null}
      </EmptyState>
      {last.length > 0 ? (
        <section className="flex flex-col gap-2">
          <h2 className="text-title-sm">{t('lastDecisions')}</h2>
          <RequestList requests={last} onOpen={open} />
        </section>
      ) : null}
    </div>
  );
}

interface FoundProps {
  requests: InboxRequest[] | undefined;
  error: Error | null;
  mine: boolean;
  onRetry: () => void;
}

function Found({ requests, error, mine, onRetry }: FoundProps) {
  const t = useT(inboxMessages);
  const open = useOpen();
  if (error) return <ErrorPanel error={error} title={t('failed')} onRetry={onRetry} />;
  if (!requests) return <SkeletonRows rows={5} label={t('loading')} />;
  if (requests.length === 0) return <Nothing mine={mine} />;
  return <RequestList requests={requests} onOpen={open} />;
}

export function InboxPage() {
  const t = useT(inboxMessages);
  const { filters, change } = useFilters();
  const found = useInfiniteQuery(requestsOptions(filters));
  const count = useQuery(countQuery).data?.needs_me;
  const agents = useQuery(agentsQuery).data?.data ?? [];
  const sources = useQuery(sourcesQuery).data?.data ?? [];
  const tabs = VIEWS.map((value) => ({
    value,
    label: t(`view_${value}`),
    ...(value === 'needs_me' && count !== undefined ? { count } : {}),
  }));
  return (
    <Page title={t('inbox')} description={t('lead')}>
      <Tabs
        value={filters.view}
        onChange={(view) => change({ view })}
        label={t('views')}
        tabs={tabs}
      >
        <div className="flex flex-col gap-4">
          <InboxFilterBar filters={filters} agents={agents} sources={sources} onChange={change} />
          <Found
            requests={found.data?.pages.flatMap(({ data }) => data)}
            error={found.error}
            mine={filters.view === 'needs_me'}
            onRetry={() => void found.refetch()}
          />
          <MoreButton list={found} label={t('more')} />
        </div>
      </Tabs>
    </Page>
  );
}

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { Source } from '@/api/types';
import {
  AccessTab,
  HealthTab,
  messages,
  PreviewTab,
  ProfileTab,
  SampleChip,
  SchemaTab,
  SourceActions,
  sourceQuery,
  StatusChip,
} from '@/features/sources';
import { useT } from '@/lib/i18n';
import { ErrorPanel, Page, SkeletonRows, Tabs } from '@/ui';

const route = getRouteApi('/shell/sources/$source/$tab');
const TABS = ['schema', 'preview', 'profile', 'health', 'access', 'conventions'] as const;
type Tab = (typeof TABS)[number];

// Few people open it, and every page would carry it.
const ConventionsTab = lazy(() => import('@/features/sources/conventions-tab'));

function TabContent({ tab, source, table }: { tab: Tab; source: Source; table?: string }) {
  const t = useT(messages);
  if (tab === 'preview') return <PreviewTab source={source} table={table} />;
  if (tab === 'profile') return <ProfileTab source={source} table={table} />;
  if (tab === 'access') return <AccessTab source={source} />;
  if (tab === 'conventions') {
    return (
      <Suspense fallback={<SkeletonRows label={t('loading')} />}>
        <ConventionsTab key={source.id} source={source} />
      </Suspense>
    );
  }
  if (tab === 'health') return <HealthTab source={source} />;
  return <SchemaTab source={source} table={table} />;
}

export function SourcePage() {
  const t = useT(messages);
  const { source: id, tab: named } = route.useParams();
  const { table } = route.useSearch();
  const navigate = useNavigate();
  const source = useQuery(sourceQuery(id));
  const crumbs = [{ label: t('title'), to: '/sources' }];
  const tab = TABS.find((one) => one === named) ?? 'schema';

  if (!source.data) {
    return (
      <Page title={t('title')}>
        {source.error ? (
          <ErrorPanel error={source.error} onRetry={() => void source.refetch()} />
        ) : (
          <SkeletonRows label={t('loading')} />
        )}
      </Page>
    );
  }
  const meta = (
    <>
      <StatusChip source={source.data} />
      <SampleChip source={source.data} />
    </>
  );
  return (
    <Page
      title={source.data.name}
      description={t(source.data.engine)}
      crumbs={crumbs}
      meta={meta}
      actions={<SourceActions source={source.data} />}
    >
      <Tabs
        label={t('view')}
        value={tab}
        onChange={(next) =>
          void navigate({
            to: '/sources/$source/$tab',
            params: { source: id, tab: next },
            search: table === undefined ? {} : { table },
          })
        }
        tabs={TABS.map((value) => ({ value, label: t(value) }))}
      >
        <TabContent tab={tab} source={source.data} {...(table === undefined ? {} : { table })} />
      </Tabs>
    </Page>
  );
}

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { BookOpen, Plus } from 'lucide-react';
import { sourcesQuery, useCan } from '@/api/resources';
import {
  DefinitionFilterBar,
  definitionMessages,
  definitionsOptions,
  DefinitionTable,
  type DefinitionFilters,
} from '@/features/definitions';
import { useT } from '@/lib/i18n';
import { buttonClass, EmptyState, ErrorPanel, MoreButton, Page, SkeletonRows } from '@/ui';

const route = getRouteApi('/shell/definitions');

interface FoundProps {
  filters: DefinitionFilters;
  filtered: boolean;
}

function Found({ filters, filtered }: FoundProps) {
  const t = useT(definitionMessages);
  const found = useInfiniteQuery(definitionsOptions(filters));
  const failed = found.error ? (
    <ErrorPanel error={found.error} onRetry={() => void found.refetch()} />
  ) : null;
  if (!found.data) return failed ?? <SkeletonRows label={t('loading')} />;
  const definitions = found.data.pages.flatMap((page) => page.data);
  if (definitions.length === 0)
    return (
      failed ?? (
        <EmptyState icon={<BookOpen aria-hidden />} title={t(filtered ? 'noMatch' : 'empty')}>
          {filtered ? null : t('emptyBody')}
        </EmptyState>
      )
    );
  return (
    <>
      {failed}
      <DefinitionTable definitions={definitions} />
      <MoreButton list={found} label={t('more')} />
    </>
  );
}

export function DefinitionsPage() {
  const t = useT(definitionMessages);
  const can = useCan();
  const navigate = useNavigate();
  const filters: DefinitionFilters = route.useSearch();
  const sources = useQuery(sourcesQuery).data?.data ?? [];
  const filtered = Object.values(filters).some((value) => value !== undefined);
  const change = (changed: Partial<DefinitionFilters>) =>
    void navigate({ to: '/definitions', search: { ...filters, ...changed }, replace: true });
  const add = (
    <Link to="/definitions/new" className={buttonClass('primary')}>
      <Plus aria-hidden className="size-4" />
      {t('create')}
    </Link>
  );
  return (
    <Page
      title={t('title')}
      description={t('lead')}
      actions={can('definition:create') ? add : null}
    >
      <DefinitionFilterBar filters={filters} sources={sources} onChange={change} />
      <Found filters={filters} filtered={filtered} />
    </Page>
  );
}

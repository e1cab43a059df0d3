import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { runMessages, runOptions, stepsOptions } from '@/features/run-pages';
import { Compare, runPageMessages } from '@/features/run-pages/view';
import { useT } from '@/lib/i18n';
import { useNow } from '@/lib/use-now';
import { ErrorPanel, Page, SkeletonRows } from '@/ui';

const route = getRouteApi('/shell/runs/$run/compare');

function useSide(id: string) {
  const run = useQuery(runOptions(id));
  const steps = useQuery(stepsOptions(id, false));
  const data = run.data && steps.data ? { run: run.data, steps: steps.data.steps } : null;
  return { data, error: run.error ?? steps.error };
}

export function ComparePage() {
  const t = useT(runPageMessages);
  const list = useT(runMessages);
  const { run } = route.useParams();
  const { with: other = '' } = route.useSearch();
  const now = useNow(false);
  const first = useSide(run);
  const second = useSide(other);
  const both = first.data && second.data ? { first: first.data, second: second.data } : null;
  const crumbs = [
    { label: list('runs'), to: '/runs' },
    { label: first.data?.run.title ?? '…', to: `/runs/${run}` },
  ];
  return (
    <Page title={t('compareTitle')} crumbs={crumbs}>
      {both ? <Compare {...both} now={now} /> : <Wait error={first.error ?? second.error} />}
    </Page>
  );
}

function Wait({ error }: { error: Error | null }) {
  const t = useT(runPageMessages);
  if (error) return <ErrorPanel error={error} title={t('notFound')} />;
  return <SkeletonRows rows={6} label={t('loading')} />;
}

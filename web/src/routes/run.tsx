import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import type { RunRow, RunSteps } from '@/api/types';
import { queryVersionsOptions, SqlCard } from '@/features/queries';
import { isActive, runMessages, runOptions, stepsOptions } from '@/features/run-pages';
import {
  CompareDialog,
  isTab,
  RunHeader,
  runPageMessages,
  RunView,
  type RunViewState,
} from '@/features/run-pages/view';
import { useT } from '@/lib/i18n';
import { useNow } from '@/lib/use-now';
import { ErrorPanel, Page, SkeletonRows, usePage } from '@/ui';

const route = getRouteApi('/shell/runs/$run');

function Query({ id, version, thread }: { id: string; version: number; thread: string | null }) {
  const query = useQuery(queryVersionsOptions(id));
  if (query.error) return <ErrorPanel error={query.error} />;
  const found = query.data?.versions.find((candidate) => candidate.version === version);
  return found ? <SqlCard version={found} threadId={thread} /> : null;
}

interface Search {
  step?: string;
  view?: string;
  tab?: string;
}

const stateOf = ({ step, view, tab }: Search): RunViewState => ({
  step: step ?? null,
  view: view === 'timeline' ? 'timeline' : 'tree',
  tab: isTab(tab) ? tab : 'summary',
});

/** Which row, view and tab are shown: all of it is in the address. */
function useViewState() {
  const state = stateOf(route.useSearch());
  const navigate = useNavigate({ from: '/runs/$run' });
  const router = useRouter();
  // Keys come faster than the page is drawn: each goes on from where the one before has led.
  const latest = () => stateOf(router.latestLocation.search);
  const change = (changed: Partial<RunViewState>) => {
    const next = { ...latest(), ...changed };
    void navigate({
      replace: true,
      resetScroll: false,
      search: {
        ...(next.step === null ? {} : { step: next.step }),
        ...(next.view === 'tree' ? {} : { view: next.view }),
        ...(next.tab === 'summary' ? {} : { tab: next.tab }),
      },
    });
  };
  return { state, latest, change };
}

/** A run starts again where a step began; what is inside a step is no place to start from. */
function startable(steps: RunSteps | undefined, selected: string | null): string | null {
  let step = steps?.steps.find(({ id }) => id === selected);
  while (step?.parent_id) {
    const parent = step.parent_id;
    step = steps?.steps.find(({ id }) => id === parent);
  }
  return step?.kind === 'step' ? step.id : null;
}

function Loaded({ run, onCompare }: { run: RunRow; onCompare: () => void }) {
  const t = useT(runPageMessages);
  const active = isActive(run);
  const steps = useQuery(stepsOptions(run.id, active));
  const [fetchedAt] = [steps.dataUpdatedAt];
  const ahead = steps.data ? Date.parse(steps.data.now) - fetchedAt : 0;
  const now = useNow(active, ahead);
  const { state, latest, change } = useViewState();
  return (
    <>
      <RunHeader
        run={run}
        steps={steps.data}
        from={startable(steps.data, state.step)}
        now={now}
        onCompare={onCompare}
      />
      <div className="min-h-0 flex-1">
        {steps.error ? <ErrorPanel error={steps.error} title={t('notFound')} /> : null}
        {steps.data ? (
          <RunView
            run={run}
            steps={steps.data}
            now={now}
            state={state}
            latest={latest}
            onState={change}
            query={(query) => (
              <Query id={query.query_id} version={query.version} thread={run.thread_id} />
            )}
          />
        ) : null}
      </div>
    </>
  );
}

function Shown({ run }: { run: RunRow }) {
  const list = useT(runMessages);
  const [comparing, setComparing] = useState(false);
  usePage(run.title || list('untitled'), [{ label: list('runs'), to: '/runs' }]);
  return (
    <div className="flex h-full min-h-0 flex-col bg-surface">
      <Loaded run={run} onCompare={() => setComparing(true)} />
      {comparing ? <CompareDialog run={run} onClose={() => setComparing(false)} /> : null}
    </div>
  );
}

export function RunPage() {
  const t = useT(runPageMessages);
  const list = useT(runMessages);
  const { run: id } = route.useParams();
  const run = useQuery(runOptions(id));
  if (run.data) return <Shown key={id} run={run.data} />;
  return (
    <Page
      title={run.error ? t('notFound') : list('runs')}
      crumbs={[{ label: list('runs'), to: '/runs' }]}
    >
      {run.error ? (
        <ErrorPanel error={run.error} onRetry={() => void run.refetch()} />
      ) : (
        <SkeletonRows rows={8} label={t('loading')} />
      )}
    </Page>
  );
}

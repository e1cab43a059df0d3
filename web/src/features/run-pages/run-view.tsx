import { useRef, useState } from 'react';
import type { RunRow, RunSteps } from '@/api/types';
import { formatCount } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { SplitPane } from '@/ui';
import { isActive } from './api';
import { Detail, type DetailTab, type QuerySlot } from './detail';
import { messages } from './run-messages';
import { StepTree } from './step-tree';
import { Timeline } from './timeline';
import { TreeBar, type RunViewKind } from './tree-bar';
import { treeRows, type TreeRow } from './tree';
import { useStepName } from './step-row';
import { useWide } from './use-wide';

export interface RunViewState {
  /** The selected row; null is the run as a whole. */
  step: string | null;
  view: RunViewKind;
  tab: DetailTab;
}

export interface RunViewProps {
  run: RunRow;
  steps: RunSteps;
  now: number;
  state: RunViewState;
  /** What `state` is about to be, where the page has yet to be drawn. */
  latest: () => RunViewState;
  onState: (change: Partial<RunViewState>) => void;
  query: QuerySlot;
}

/** Rows that match, with everything they stand under. */
function matching(rows: readonly TreeRow[], has: (row: TreeRow) => boolean): TreeRow[] {
  const kept = new Set<string>();
  for (const row of [...rows].reverse())
    if (has(row) || kept.has(row.step.id)) {
      kept.add(row.step.id);
      if (row.step.parent_id !== null) kept.add(row.step.parent_id);
    }
  return rows.filter(({ step }) => kept.has(step.id));
}

function useRows({ steps, now }: Pick<RunViewProps, 'steps' | 'now'>, find: string) {
  const name = useStepName();
  const all = treeRows(steps.steps, now);
  if (find === '') return { all, shown: all };
  const words = find.toLowerCase();
  return {
    all,
    shown: matching(all, ({ step }) =>
      `${name(step)} ${step.name} ${step.query?.handle ?? ''}`.toLowerCase().includes(words),
    ),
  };
}

/** Tree or timeline on one side, what the selected row says on the other. */
export function RunView(props: RunViewProps) {
  const { run, steps, now, state, latest, onState, query } = props;
  const t = useT(messages);
  const wide = useWide();
  const [find, setFind] = useState('');
  const [follow, setFollow] = useState(false);
  const findBox = useRef<HTMLInputElement>(null);
  const details = useRef<HTMLDivElement>(null);
  const { all, shown } = useRows(props, find);
  const selected = all.find(({ step }) => step.id === state.step) ?? null;

  const views: Record<string, () => void> = {
    t: () => onState({ view: 'tree' }),
    l: () => onState({ view: 'timeline' }),
    f: () => findBox.current?.focus(),
  };
  const onKey = (key: string) => {
    views[key]?.();
    return key in views;
  };
  const tree = {
    rows: shown,
    selected: state.step,
    latest: () => latest().step,
    onSelect: (id: string) => onState({ step: id }),
    onOpen: () =>
      details.current?.querySelector<HTMLElement>('[role=tab][data-state=active]')?.focus(),
    onKey,
    follow,
  };
  const start = (
    <div className="flex h-full min-h-0 flex-col">
      <TreeBar
        view={state.view}
        onView={(view) => onState({ view })}
        find={find}
        onFind={setFind}
        findBox={findBox}
        active={isActive(run)}
        follow={follow}
        onFollow={setFollow}
        whole={state.step === null}
        onWhole={() => onState({ step: null })}
      />
      {steps.truncated ? (
        <p role="status" className="bg-warning-soft px-4 py-1.5 text-sm text-warning">
          {t('truncated', {
            shown: formatCount(steps.steps.length),
            total: formatCount(steps.total),
          })}
        </p>
      ) : null}
      {state.view === 'timeline' ? (
        <Timeline run={run} now={now} all={all} tree={tree} />
      ) : (
        <StepTree {...tree} />
      )}
    </div>
  );
  const end = (
    <div ref={details} className={wide ? 'h-full overflow-y-auto' : 'border-t border-line'}>
      <Detail
        run={run}
        steps={steps}
        row={selected}
        tab={state.tab}
        onTab={(tab) => onState({ tab })}
        query={query}
      />
    </div>
  );
  if (wide)
    return (
      <SplitPane name="run" fixed="end" start={start} end={end} initial={520} min={360} max={900} />
    );
  return (
    <div className="h-full overflow-y-auto">
      <div className="flex max-h-[55vh] min-h-48 flex-col">{start}</div>
      {end}
    </div>
  );
}

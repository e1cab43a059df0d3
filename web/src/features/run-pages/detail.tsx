import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { url } from '@/api/client';
import type { RunRow, RunStep, RunSteps, StepValue } from '@/api/types';
import { useT } from '@/lib/i18n';
import { ErrorPanel, SkeletonRows, Tabs } from '@/ui';
import { effectsOptions, isActive, stepOptions } from './api';
import { Conversation } from './conversation';
import { Effects } from './effects';
import { jsonText } from './json-text';
import { Notes } from './notes';
import { messages } from './run-messages';
import { useStepName } from './step-row';
import { RunSummary, StepSummary } from './summary';
import type { TreeRow } from './tree';
import { Code, ValueView } from './value-view';

export const TABS = [
  'summary',
  'input',
  'output',
  'messages',
  'sql',
  'changes',
  'logs',
  'metadata',
] as const;
export type DetailTab = (typeof TABS)[number];

export const isTab = (value: string | undefined): value is DetailTab =>
  TABS.some((tab) => tab === value);

/** Shows a query as the card that chats show; a slot, because queries are another feature. */
export type QuerySlot = (query: { query_id: string; version: number }) => ReactNode;

export interface DetailProps {
  run: RunRow;
  steps: RunSteps;
  /** The selected row; null is the run as a whole. */
  row: TreeRow | null;
  tab: DetailTab;
  onTab: (tab: DetailTab) => void;
  query: QuerySlot;
}

type Side = 'input' | 'output';

function Value({ run, step, side }: { run: RunRow; step: RunStep; side: Side }) {
  const t = useT(messages);
  const [full, setFull] = useState(false);
  const loaded = useQuery(stepOptions(run.id, step.id, step.last_seq, full));
  if (loaded.error)
    return (
      <ErrorPanel
        error={loaded.error}
        title={t('valueFailed')}
        onRetry={() => void loaded.refetch()}
      />
    );
  if (!loaded.data) return <SkeletonRows rows={3} label={t('loading')} />;
  const value: StepValue | null = loaded.data[side];
  if (value === null) {
    const still = side === 'output' && step.status === 'running';
    return (
      <p className="text-sm text-muted">
        {t(side === 'input' ? 'noInput' : still ? 'noOutputYet' : 'noOutput')}
      </p>
    );
  }
  const href = url(`/runs/${run.id}/steps/${step.id}`, { full: true });
  return <ValueView value={value} href={href} onAll={() => setFull(true)} />;
}

/** The queries of a step and of everything below it; of the whole run when none is selected. */
function queriesOf(steps: RunSteps, row: TreeRow | null): RunStep[] {
  if (row === null) return steps.steps.filter(({ query }) => query !== null);
  const under = new Set([row.step.id]);
  for (const step of steps.steps)
    if (step.parent_id !== null && under.has(step.parent_id)) under.add(step.id);
  return steps.steps.filter(({ id, query }) => under.has(id) && query !== null);
}

function Sql({ steps, row, query }: Pick<DetailProps, 'steps' | 'row' | 'query'>) {
  const t = useT(messages);
  const found = queriesOf(steps, row);
  if (found.length === 0) return <p className="text-sm text-muted">{t('noSql')}</p>;
  return (
    <div className="flex flex-col gap-4">
      {found.map((step) => (
        <div key={step.id}>{step.query ? query(step.query) : null}</div>
      ))}
    </div>
  );
}

function WholeInput({ run, side }: { run: RunRow; side: Side }) {
  const t = useT(messages);
  if (side === 'output') return <Conversation run={run} />;
  if (run.title === '') return <p className="text-sm text-muted">{t('noInput')}</p>;
  return <Code text={run.title} />;
}

function InOut({ run, row, side }: Pick<DetailProps, 'run' | 'row'> & { side: Side }) {
  if (row === null) return <WholeInput run={run} side={side} />;
  return <Value key={`${row.step.id}-${side}`} run={run} step={row.step} side={side} />;
}

function Logs({ steps, row }: Pick<DetailProps, 'steps' | 'row'>) {
  if (row === null) return <Notes notes={steps.notes} />;
  const own = [row.step.id, row.step.parent_id];
  return <Notes notes={steps.notes.filter(({ step_id: id }) => own.includes(id))} />;
}

const CONTENT: Record<DetailTab, (props: DetailProps) => ReactNode> = {
  summary: ({ run, steps, row }) =>
    row ? <StepSummary row={row} /> : <RunSummary run={run} steps={steps} />,
  input: (props) => <InOut {...props} side="input" />,
  output: (props) => <InOut {...props} side="output" />,
  messages: ({ run }) => <Conversation run={run} />,
  sql: (props) => <Sql {...props} />,
  changes: ({ run, row }) => <Effects run={run} call={row?.step.tool_call_id} />,
  logs: (props) => <Logs {...props} />,
  metadata: ({ run, row }) => <Code text={jsonText(row ? row.step : run, String)} />,
};

/** Everything about the selected row, or about the run as a whole. */
export function Detail(props: DetailProps) {
  const t = useT(messages);
  const name = useStepName();
  const { row, steps, tab, onTab } = props;
  const counts: Partial<Record<DetailTab, number>> = {
    sql: queriesOf(steps, row).length,
    changes: useQuery(effectsOptions(props.run.id, isActive(props.run))).data?.length ?? 0,
  };
  const tabs = TABS.map((value) => ({
    value,
    label: t(`tab_${value}`),
    ...(counts[value] ? { count: counts[value] } : {}),
  }));
  return (
    <section aria-label={t('details')} className="flex min-w-0 flex-col gap-3 p-4">
      <h2 className="truncate text-title-sm">{row ? name(row.step) : t('wholeRun')}</h2>
      <Tabs value={tab} onChange={onTab} label={t('details')} tabs={tabs}>
        {CONTENT[tab](props)}
      </Tabs>
    </section>
  );
}

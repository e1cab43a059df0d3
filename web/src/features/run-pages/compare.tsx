import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import type { RunRow, RunStep } from '@/api/types';
import { formatCount, formatDuration, formatMoney, UNKNOWN } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Card, SkeletonRows } from '@/ui';
import { AnswerParts, answerOf, conversationOptions } from './conversation';
import { RunCost } from './money';
import { messages } from './run-messages';
import { RunStatusChip } from './run-status';
import { runErrors, runTime, runTokens } from './run-table';
import { StepState, useStepName } from './step-row';
import { treeRows, type TreeRow } from './tree';

export interface Side {
  run: RunRow;
  steps: readonly RunStep[];
}

interface Measure {
  label: string;
  show: (run: RunRow) => ReactNode;
  /** The difference as text; null where one of the two is unknown. */
  difference?: (first: RunRow, second: RunRow) => string | null;
}

const signed = (value: number, format: (amount: number) => string) =>
  value === 0 ? format(0) : `${value > 0 ? '+' : '−'}${format(Math.abs(value))}`;

function difference(
  of: (run: RunRow) => number | null | undefined,
  format: (amount: number) => string,
) {
  return (first: RunRow, second: RunRow) => {
    const [a, b] = [of(first), of(second)];
    return a == null || b == null ? null : signed(b - a, format);
  };
}

function useMeasures(now: number): Measure[] {
  const t = useT(messages);
  const cost = (run: RunRow) => (run.cost == null ? null : Number(run.cost));
  return [
    { label: t('question'), show: (run) => run.title },
    { label: t('status'), show: (run) => <RunStatusChip status={run.status} /> },
    {
      label: t('duration'),
      show: (run) => formatDuration(runTime(run, now)),
      difference: difference((run) => runTime(run, now), formatDuration),
    },
    {
      label: t('ownTokens'),
      show: (run) =>
        `${formatCount(run.usage?.input_tokens)} / ${formatCount(run.usage?.output_tokens)}`,
      difference: difference(runTokens, formatCount),
    },
    {
      label: t('cost'),
      show: (run) => <RunCost run={run} />,
      difference: difference(cost, formatMoney),
    },
    {
      label: t('stepCount'),
      show: (run) => formatCount(run.step_count),
      difference: difference((run) => run.step_count, formatCount),
    },
    {
      label: t('errors'),
      show: (run) => formatCount(runErrors(run)),
      difference: difference(runErrors, formatCount),
    },
    { label: t('model'), show: (run) => run.model?.name ?? UNKNOWN },
  ];
}

const CELL = 'px-3 py-1.5 text-left align-top first:pl-4';

/** A table that scrolls inside itself on a phone, also with the keyboard. */
function Scrolled({ label, children }: { label: string; children: ReactNode }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls takes focus
    <div role="region" aria-label={label} tabIndex={0} className="overflow-x-auto">
      {children}
    </div>
  );
}

function Measures({ first, second, now }: { first: RunRow; second: RunRow; now: number }) {
  const t = useT(messages);
  const head = [t('measure'), t('first'), t('second'), t('difference')];
  return (
    <Card flush>
      <Scrolled label={t('compareTitle')}>
        <table className="nums w-full border-collapse text-sm">
          <thead>
            <tr className="border-b border-line text-xs text-subtle">
              {head.map((label, index) => (
                <th key={label} scope="col" className={`${CELL} font-normal`}>
                  {index === 1 || index === 2 ? (
                    <Link
                      to="/runs/$run"
                      params={{ run: index === 1 ? first.id : second.id }}
                      className="text-accent hover:underline"
                    >
                      {label}
                    </Link>
                  ) : (
                    label
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {useMeasures(now).map(({ label, show, difference: differ }) => (
              <tr key={label} className="border-b border-line last:border-0">
                <th scope="row" className={`${CELL} font-normal text-muted`}>
                  {label}
                </th>
                <td className={CELL}>{show(first)}</td>
                <td className={CELL}>{show(second)}</td>
                <td className={`${CELL} text-muted`}>{differ?.(first, second) ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolled>
    </Card>
  );
}

/** The n-th row of the same kind and name stands beside its twin. */
function pairs(first: readonly TreeRow[], second: readonly TreeRow[]) {
  const waiting = new Map<string, TreeRow[]>();
  const key = ({ step }: TreeRow) => `${step.kind} ${step.name}`;
  for (const row of second) waiting.set(key(row), [...(waiting.get(key(row)) ?? []), row]);
  const made: [TreeRow | null, TreeRow | null][] = first.map((row) => [
    row,
    waiting.get(key(row))?.shift() ?? null,
  ]);
  for (const rest of waiting.values()) for (const row of rest) made.push([null, row]);
  return made;
}

function StepCell({ row }: { row: TreeRow | null }) {
  const t = useT(messages);
  if (!row) return <span className="text-subtle">{t('missing')}</span>;
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <StepState status={row.step.status} />
      {formatDuration(row.ms)}
    </span>
  );
}

function StepPairs({ first, second, now }: { first: Side; second: Side; now: number }) {
  const t = useT(messages);
  const name = useStepName();
  const all = pairs(treeRows(first.steps, now), treeRows(second.steps, now));
  return (
    <Card title={t('stepByStep')} flush>
      <Scrolled label={t('stepByStep')}>
        <table className="nums w-full border-collapse text-sm">
          <thead>
            <tr className="border-b border-line text-xs text-subtle">
              {[t('stepColumn'), t('first'), t('second'), t('difference')].map((label) => (
                <th key={label} scope="col" className={`${CELL} font-normal`}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {all.map(([left, right], index) => {
              const row = left ?? right;
              if (!row) return <Fragment key={index} />;
              return (
                <tr key={index} className="border-b border-line last:border-0">
                  <th scope="row" className={`${CELL} font-normal`}>
                    <span className="block" style={{ paddingLeft: `${row.depth}rem` }}>
                      {name(row.step)}
                    </span>
                  </th>
                  <td className={CELL}>
                    <StepCell row={left} />
                  </td>
                  <td className={CELL}>
                    <StepCell row={right} />
                  </td>
                  <td className={`${CELL} whitespace-nowrap text-muted`}>
                    {left && right ? signed(right.ms - left.ms, formatDuration) : ''}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scrolled>
    </Card>
  );
}

function Answer({ run, title }: { run: RunRow; title: string }) {
  const t = useT(messages);
  const loaded = useQuery(conversationOptions(run));
  const answer = loaded.data ? answerOf(run, loaded.data.data) : undefined;
  return (
    <Card title={title}>
      {run.thread_id !== null && loaded.isPending ? (
        <SkeletonRows rows={3} label={t('loading')} />
      ) : null}
      {answer ? (
        <AnswerParts parts={answer.parts} tools={false} />
      ) : (
        <p className="text-sm text-muted">{t('noMessages')}</p>
      )}
    </Card>
  );
}

/** Two runs side by side: what they took, step by step, and what they answered. */
export function Compare({ first, second, now }: { first: Side; second: Side; now: number }) {
  const t = useT(messages);
  return (
    <div className="flex flex-col gap-5">
      <Measures first={first.run} second={second.run} now={now} />
      <StepPairs first={first} second={second} now={now} />
      <h2 className="text-title-sm">{t('answers')}</h2>
      <div className="grid gap-4 md:grid-cols-2">
        <Answer run={first.run} title={t('first')} />
        <Answer run={second.run} title={t('second')} />
      </div>
    </div>
  );
}

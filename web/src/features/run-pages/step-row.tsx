import {
  Ban,
  Bot,
  Check,
  ChevronDown,
  CircleAlert,
  Clock,
  CornerDownRight,
  Hand,
  ListTree,
  RotateCcw,
  Undo2,
  Wrench,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { RunStep, StepKind, StepStatus } from '@/api/types';
import { cx } from '@/lib/cx';
import { formatCompact, formatCount, formatDuration } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Spinner } from '@/ui';
import { Money } from './money';
import { messages } from './run-messages';
import type { TreeRow } from './tree';

const KINDS: Record<StepKind, ReactNode> = {
  queue: <Clock aria-hidden />,
  step: <CornerDownRight aria-hidden />,
  attempt: <RotateCcw aria-hidden />,
  model: <Bot aria-hidden />,
  tool: <Wrench aria-hidden />,
  wait: <Hand aria-hidden />,
};

const STATES: Record<StepStatus, { icon: ReactNode; tone: string }> = {
  waiting: { icon: <Clock aria-hidden />, tone: 'text-warning' },
  running: { icon: <Spinner />, tone: 'text-accent' },
  done: { icon: <Check aria-hidden />, tone: 'text-success' },
  failed: { icon: <CircleAlert aria-hidden />, tone: 'text-danger' },
  cancelled: { icon: <Ban aria-hidden />, tone: 'text-subtle' },
  withdrawn: { icon: <Undo2 aria-hidden />, tone: 'text-subtle' },
};

/** What people call a step. */
export function useStepName(): (step: RunStep) => string {
  const t = useT(messages);
  return (step) => {
    if (step.kind === 'queue') return t('inQueue');
    if (step.kind === 'step') return t('step', { number: step.name });
    if (step.kind === 'attempt') return t('attempt', { number: step.name });
    if (step.kind === 'model') return t('modelCall');
    if (step.kind === 'wait') return step.title ?? t('waitFor');
    return step.title ?? step.name;
  };
}

/** A state as icon, word (for screen readers, or shown) and colour. */
export function StepState({ status, words = false }: { status: StepStatus; words?: boolean }) {
  const t = useT(messages);
  const { icon, tone } = STATES[status];
  return (
    <span className={cx('inline-flex items-center gap-1 [&>svg]:size-3.5', tone)}>
      {icon}
      <span className={words ? 'text-sm' : 'sr-only'}>{t(`st_${status}`)}</span>
    </span>
  );
}

function Share({ share }: { share: TreeRow['share'] }) {
  const t = useT(messages);
  if (share === null) return null;
  return (
    <span title={t(share)} className={share === 'most' ? 'text-danger' : 'text-warning'}>
      <span aria-hidden>▲</span>
      <span className="sr-only">{t(share)}</span>
    </span>
  );
}

const CELL = 'nums shrink-0 text-right text-xs text-muted';

/** Time, tokens and money; a parent's are sums, marked Σ. */
export function StepNumbers({ row }: { row: TreeRow }) {
  const t = useT(messages);
  const sum = row.children > 0;
  const tone =
    row.share === 'most' ? 'text-danger' : row.share === 'much' ? 'text-warning' : undefined;
  return (
    <>
      <span className={cx(CELL, 'w-20', tone)}>
        <Share share={row.share} /> {formatDuration(row.ms)}
      </span>
      <span className={cx(CELL, 'hidden w-16 sm:block')} title={formatCount(row.tokens)}>
        {sum && row.tokens !== null ? <span title={t('subtree')}>{'Σ '}</span> : null}
        {row.tokens === null ? '' : formatCompact(row.tokens)}
      </span>
      <span className={cx(CELL, 'hidden w-20 sm:block')}>
        {row.cost.known === null && !row.cost.atLeast ? null : <Money {...row.cost} />}
      </span>
    </>
  );
}

export interface StepRowProps {
  row: TreeRow;
  id: string;
  selected: boolean;
  folded: boolean;
  height: number;
  top: number;
  position: number;
  size: number;
  onSelect: () => void;
  onFold: () => void;
  /** The lane of the timeline, in place of numbers. */
  lane?: ReactNode;
}

/** One line of the tree or the timeline. */
export function StepRow(props: StepRowProps) {
  const { row, id, selected, folded, height, top, onSelect, onFold, lane } = props;
  const name = useStepName();
  const { step, depth, children } = row;
  const faded = step.status === 'withdrawn';
  return (
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the tree holds the focus and handles keys (aria-activedescendant)
    <div
      id={id}
      role="treeitem"
      data-testid="run-step"
      data-state={step.status}
      aria-level={depth + 1}
      aria-selected={selected}
      aria-setsize={props.size}
      aria-posinset={props.position + 1}
      {...(children > 0 ? { 'aria-expanded': !folded } : {})}
      onClick={onSelect}
      style={{ height, top }}
      className={cx(
        'absolute inset-x-0 flex cursor-default items-center gap-1.5 pr-3 text-sm',
        selected
          ? 'bg-accent-soft before:absolute before:inset-y-0 before:left-0 before:w-0.5 before:bg-accent'
          : 'hover:bg-sunken',
      )}
    >
      <span
        className={cx('flex min-w-0 items-center gap-1.5', lane ? 'w-2/5 shrink-0' : 'flex-1')}
        style={{ paddingLeft: `${0.5 + depth * 1}rem` }}
      >
        <Caret shown={children > 0} folded={folded} onFold={onFold} />
        <span className="shrink-0 text-subtle [&>svg]:size-3.5">
          {depth === 0 && step.kind === 'step' ? <ListTree aria-hidden /> : KINDS[step.kind]}
        </span>
        <span className={cx('truncate', faded && 'text-subtle line-through')}>{name(step)}</span>
        {step.query ? (
          <span className="nums shrink-0 rounded-sm bg-accent-soft px-1 text-xs text-accent">
            {step.query.handle}
          </span>
        ) : null}
        <StepState status={step.status} />
      </span>
      {lane ?? <StepNumbers row={row} />}
    </div>
  );
}

function Caret({ shown, folded, onFold }: { shown: boolean; folded: boolean; onFold: () => void }) {
  if (!shown) return <span className="size-4 shrink-0" />;
  return (
    // The arrow keys fold from the keyboard; the row says whether it is open.
    <span
      aria-hidden
      className="flex size-4 shrink-0 items-center justify-center text-subtle hover:text-fg"
      onClick={(event) => {
        event.stopPropagation();
        onFold();
      }}
    >
      <ChevronDown className={cx('size-3.5', folded && '-rotate-90')} />
    </span>
  );
}

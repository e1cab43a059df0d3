import { Minus, TrendingDown, TrendingUp } from 'lucide-react';
import type { ReactNode } from 'react';
import type {
  AnswerCard,
  ComparisonCard,
  SingleFactCard,
  TrendCard,
  TrendGroup,
} from '@/api/answer-parts';
import type { Citation } from '@/api/parts';
import { useT } from '@/lib/i18n';
import { citesOf } from './card-cites';
import { extraMessages } from './extra-messages';
import { Figure, Receipts } from './receipts';
import { Sparkline } from './sparkline';

const Unit = ({ unit }: { unit: string | null }) =>
  unit ? <span className="text-sm font-normal tracking-normal text-muted"> {unit}</span> : null;

function Fact({ card, cites }: { card: SingleFactCard; cites: Citation[] }) {
  return (
    <p className="text-[1.75rem]/tight font-strong tracking-tight break-words">
      <Figure cites={cites} index={0} of={card.title} />
      <Unit unit={card.unit} />
    </p>
  );
}

/** How far a bar reaches; none where values lie on both sides of nothing. */
function shares({ entries }: ComparisonCard): (number | null)[] {
  const numbers = entries.map(({ value }) => Number(value.raw));
  const most = Math.max(...numbers);
  const drawn = most > 0 && numbers.every((number) => number >= 0);
  return numbers.map((number) => (drawn ? (100 * number) / most : null));
}

function Comparison({ card, cites }: { card: ComparisonCard; cites: Citation[] }) {
  const t = useT(extraMessages);
  const bars = shares(card);
  const { delta, entries } = card;
  const labelOf = (row: number, column: string) =>
    entries.find(({ value: { ref } }) => ref.row === row && ref.column === column)?.label ?? '';
  return (
    <>
      <dl className="flex flex-col gap-2">
        {entries.map(({ label }, index) => (
          <div key={label} className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4">
            <dt className="min-w-0 truncate text-sm text-muted" title={label}>
              {label}
            </dt>
            <dd className="text-right font-strong">
              <Figure cites={cites} index={index} of={label} />
              <Unit unit={card.unit} />
            </dd>
            {bars[index] != null && (
              <span aria-hidden className="col-span-2 mt-1 h-1.5 rounded-sm bg-sunken">
                <span
                  className="block h-full rounded-sm bg-accent-solid"
                  style={{ width: `${bars[index]}%` }}
                />
              </span>
            )}
          </div>
        ))}
      </dl>
      {delta && (
        <p className="mt-3 flex flex-wrap items-baseline justify-between gap-x-4 border-t border-line pt-2 text-sm">
          <span className="min-w-0 text-muted">
            {t('against', {
              high: labelOf(delta.minuend.ref.row, delta.minuend.ref.column),
              low: labelOf(delta.subtrahend.ref.row, delta.subtrahend.ref.column),
            })}
          </span>
          <Figure cites={cites} index={entries.length} of={t('difference')} />
        </p>
      )}
    </>
  );
}

const WAYS = { up: TrendingUp, down: TrendingDown, flat: Minus };

interface LineProps {
  group: TrendGroup;
  card: TrendCard;
  cites: Citation[];
  /** Where the group's figures begin. */
  from: number;
  color: number;
}

function Line({ group, card, cites, from, color }: LineProps) {
  const t = useT(extraMessages);
  const { points, direction, partial } = group;
  const [first, last] = [points[0], points.at(-1)];
  const whole = partial ? points.at(-2) : last;
  const Way = WAYS[direction];
  if (!first || !last || !whole) return null;
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <span className="min-w-0 truncate text-sm font-strong">{group.label}</span>
        <span
          className="inline-flex items-center gap-1 text-sm text-muted"
          title={t('change', { from: first.x, to: whole.x })}
        >
          <Way aria-hidden className="size-3.5" />
          {t(direction)}
          <Figure
            cites={cites}
            index={from + points.length}
            of={t('change', { from: first.x, to: whole.x })}
            className="font-strong"
          />
        </span>
      </div>
      <Sparkline group={group} title={group.label || card.title} color={color} />
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 text-xs text-subtle">
        <span>
          {first.x} <Figure cites={cites} index={from} of={first.x} className="text-muted" />
        </span>
        <span>
          {last.x}{' '}
          <Figure
            cites={cites}
            index={from + points.length - 1}
            of={last.x}
            className="text-muted"
          />
        </span>
      </div>
      {partial && <p className="text-xs text-subtle">{t('partial', { x: last.x })}</p>}
    </div>
  );
}

function Values({ group, cites, from }: Pick<LineProps, 'group' | 'cites' | 'from'>) {
  return (
    <table className="nums w-full text-sm">
      {group.label && <caption className="text-left text-xs text-subtle">{group.label}</caption>}
      <tbody>
        {group.points.map(({ x, at }, index) => (
          <tr key={at} className="border-t border-line">
            <th scope="row" className="py-0.5 text-left font-normal text-muted">
              {x}
            </th>
            <td className="py-0.5 text-right">
              <Figure cites={cites} index={from + index} of={x} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Trend({ card, cites }: { card: TrendCard; cites: Citation[] }) {
  const t = useT(extraMessages);
  let at = 0;
  const groups = card.groups.map((group) => {
    const from = at;
    at += group.points.length + 1;
    return { group, from };
  });
  return (
    <div className="flex flex-col gap-4">
      {groups.map(({ group, from }, index) => (
        <Line key={group.label} {...{ group, card, cites, from }} color={index + 1} />
      ))}
      <details className="text-sm">
        <summary className="cursor-pointer text-xs text-subtle hover:text-fg">
          {t('allValues')}
        </summary>
        <div className="mt-2 flex max-h-72 flex-col gap-3 overflow-y-auto pr-1">
          {groups.map(({ group, from }) => (
            <Values key={group.label} {...{ group, cites, from }} />
          ))}
        </div>
      </details>
    </div>
  );
}

function body(card: AnswerCard, cites: Citation[]): ReactNode {
  if (card.kind === 'single_fact') return <Fact card={card} cites={cites} />;
  if (card.kind === 'comparison') return <Comparison card={card} cites={cites} />;
  return <Trend card={card} cites={cites} />;
}

/** A fact, a comparison or a trend; each figure shows where it comes from. */
export function FactCard({ card, onUpdate }: { card: AnswerCard; onUpdate: (() => void) | null }) {
  const t = useT(extraMessages);
  const cites = citesOf(card);
  const { title, query, source_name: source } = card;
  const dimension = card.kind === 'single_fact' ? null : card.dimension;
  const about =
    card.kind === 'trend'
      ? []
      : [card.kind === 'single_fact' ? card.subject : null, card.period].filter(Boolean);
  return (
    <section
      data-testid="answer-card"
      data-kind={card.kind}
      aria-label={title}
      className={`rounded-lg border border-line bg-surface px-4 py-3.5 shadow-card ${card.kind === 'single_fact' ? 'w-fit max-w-full min-w-56' : 'max-w-[28rem]'}`}
    >
      <Receipts cites={cites} onUpdate={onUpdate}>
        <header className="mb-2">
          <h3 className="text-sm break-words text-muted">
            {dimension ? t('by', { title, dimension: dimension.toLocaleLowerCase() }) : title}
            {card.kind === 'trend' && card.unit && ` (${card.unit})`}
          </h3>
          {about.length > 0 && <p className="text-sm break-words">{about.join(' · ')}</p>}
        </header>
        {body(card, cites)}
        <p className="mt-2 text-xs text-subtle">
          {t('from', { query: query.handle, version: query.version, source })}
        </p>
      </Receipts>
    </section>
  );
}

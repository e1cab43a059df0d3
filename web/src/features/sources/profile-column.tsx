import { EyeOff, KeyRound } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ColumnFacts } from '@/api/types';
import { formatCount, formatMeasure, formatShare, UNKNOWN } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Chip } from '@/ui';
import { CompletenessBar, CountedList, Histogram } from './profile-charts';
import { profileMessages } from './profile-messages';

const SHOWN = 5;

function Counts({ column }: { column: ColumnFacts }) {
  const t = useT(profileMessages);
  const distinct = column.distinct_exact ? 'distinct' : 'distinctAbout';
  return (
    <div className="flex flex-col gap-1 text-xs text-muted">
      <CompletenessBar column={column} />
      <p className="nums">
        {column.completeness === null
          ? t('filledUnknown')
          : t('filled', { share: formatShare(column.completeness) })}
        {', '}
        {column.nulls === null ? t('nullsUnknown') : t('nulls', { count: column.nulls })}
      </p>
      {column.distinct === null ? null : (
        <p className="nums">{t(distinct, { count: formatCount(column.distinct) })}</p>
      )}
      {column.empty ? <p className="nums">{t('empty', { count: column.empty })}</p> : null}
      {column.non_finite ? (
        <p className="nums">{t('nonFinite', { count: formatCount(column.non_finite) })}</p>
      ) : null}
    </div>
  );
}

function TopValues({ column, most }: { column: ColumnFacts; most: number }) {
  const t = useT(profileMessages);
  return (
    <CountedList
      label={t('topValues', { column: column.name })}
      rows={(column.top_values ?? []).slice(0, most).map(({ value, count }) => ({
        name: value || t('emptyText'),
        count,
        quiet: !value,
      }))}
    />
  );
}

function Spread({ column }: { column: ColumnFacts }) {
  if (column.histogram) return <Histogram column={column.name} bins={column.histogram} />;
  return <TopValues column={column} most={SHOWN} />;
}

function Line({ children }: { children: ReactNode }) {
  return children ? <p className="nums truncate">{children}</p> : null;
}

/** A number as we say it; anything else as the engine says it. */
const said = (value: number | string | null | undefined) =>
  value == null ? null : typeof value === 'number' ? formatMeasure(value) : value;

function Facts({ column }: { column: ColumnFacts }) {
  const t = useT(profileMessages);
  const { length, patterns, min, max } = column;
  const [mean, median] = [said(column.mean), said(column.quantiles?.p50)];
  const lengths = length && {
    low: formatCount(length.min),
    high: formatCount(length.max),
    mean: formatMeasure(length.mean),
  };
  return (
    <div className="flex min-w-0 flex-col gap-1 text-xs text-muted">
      <Line>{min !== null && max !== null ? t('range', { low: min, high: max }) : null}</Line>
      <Line>{mean && t('mean', { value: mean })}</Line>
      <Line>{median && t('median', { value: median })}</Line>
      <Line>{lengths && t('length', lengths)}</Line>
      {patterns ? (
        <>
          <Line>{t('shapes', { count: patterns.kinds })}</Line>
          <CountedList
            code
            label={t('patterns', { column: column.name, count: patterns.kinds })}
            rows={patterns.top.slice(0, 2).map((one) => ({ name: one.pattern, count: one.count }))}
          />
        </>
      ) : null}
    </div>
  );
}

function Quantiles({ column }: { column: ColumnFacts }) {
  const t = useT(profileMessages);
  if (!column.quantiles) return null;
  return (
    <dl aria-label={t('quantiles')} className="nums grid grid-cols-[auto_auto] gap-x-3">
      {Object.entries(column.quantiles).map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-subtle">{name}</dt>
          <dd>{said(value) ?? UNKNOWN}</dd>
        </div>
      ))}
    </dl>
  );
}

function More({ column }: { column: ColumnFacts }) {
  const t = useT(profileMessages);
  const { indexed, top_values: top, not_computed: gaps } = column;
  if (!column.quantiles && !top?.length && !indexed && gaps.length === 0) return null;
  return (
    <details className="text-xs text-muted md:col-span-4">
      <summary className="w-fit cursor-pointer rounded-sm py-1 text-subtle hover:text-fg">
        {t('more', { column: column.name })}
      </summary>
      <div className="flex flex-wrap gap-x-8 gap-y-3 pt-1 pb-2">
        <Quantiles column={column} />
        <TopValues column={column} most={10} />
        <ul className="flex min-w-0 flex-col gap-1">
          {indexed ? <li>{t(indexed.state, { count: formatCount(indexed.distinct) })}</li> : null}
          {gaps.map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      </div>
    </details>
  );
}

/** Everything known of one column: four cells side by side, or one under the other on a phone. */
export function ProfileColumn({ column }: { column: ColumnFacts }) {
  const t = useT(profileMessages);
  return (
    <li className="grid gap-x-6 gap-y-2 border-b border-line px-4 py-3 last:border-0 md:grid-cols-[11rem_10rem_minmax(0,1fr)_minmax(0,1fr)]">
      <div className="flex min-w-0 flex-col gap-1">
        <h2 className="font-mono text-sm break-words">{column.name}</h2>
        <p className="truncate text-xs text-subtle" title={column.type}>
          {column.type}
        </p>
        <div className="flex flex-wrap gap-1">
          {column.unique ? <Chip icon={<KeyRound aria-hidden />}>{t('unique')}</Chip> : null}
          {column.private ? <Chip icon={<EyeOff aria-hidden />}>{t('private')}</Chip> : null}
        </div>
      </div>
      <Counts column={column} />
      <div className="min-w-0">
        <Spread column={column} />
      </div>
      <Facts column={column} />
      <More column={column} />
    </li>
  );
}

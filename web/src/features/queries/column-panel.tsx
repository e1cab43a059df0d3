import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useEffect, useRef, useState, type SyntheticEvent } from 'react';
import type { Cell, Column, ColumnProfile } from '@/api/types';
import { formatCount } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, ErrorPanel, Field, IconButton, Input, Select, Spinner } from '@/ui';
import { profileOptions } from './api';
import { filterParam, operatorsOf, takesValue, type ResultFilter } from './filters';
import { detailMessages } from './detail-messages';
import { messages } from './messages';

interface ColumnPanelProps {
  resultId: string;
  column: number;
  columns: readonly Column[];
  filters: readonly ResultFilter[];
  onFilters: (filters: ResultFilter[]) => void;
  onClose: () => void;
}

const NULL = 'NULL';
const EMPTY_STRING = '""';

function shown(value: Cell): string {
  if (value === null) return NULL;
  if (value === '') return EMPTY_STRING;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function FilterForm({ column, columns, filters, onFilters }: ColumnPanelProps) {
  const t = useT(detailMessages);
  const operator = useT(messages);
  const operators = operatorsOf(columns[column]?.type ?? 'string');
  const now = filters.find((one) => one.column === column);
  const [{ op, value }, change] = useState(now ?? { op: operators[0] ?? '=', value: '' });
  const others = filters.filter((one) => one.column !== column);
  const apply = (event: SyntheticEvent) => {
    event.preventDefault();
    onFilters([...others, { column, op, value }]);
  };
  return (
    <form className="flex min-w-56 flex-1 flex-col gap-2" onSubmit={apply}>
      <Field label={t('condition')}>
        {(control) => (
          <Select
            {...control}
            value={op}
            options={operators.map((one) => ({ value: one, label: operator(`op_${one}`) }))}
            onChange={(next) => change({ op: operators.find((one) => one === next) ?? op, value })}
          />
        )}
      </Field>
      {takesValue(op) && (
        <Field label={t('value')} help={op === 'in' ? t('inHelp') : undefined}>
          {(control) => (
            <Input
              {...control}
              value={value}
              autoComplete="off"
              dir="auto"
              onChange={(event) => change({ op, value: event.target.value })}
            />
          )}
        </Field>
      )}
      <div className="flex gap-2">
        <Button size="sm" variant="primary" type="submit">
          {t('applyFilter')}
        </Button>
        {now && (
          <Button size="sm" variant="ghost" onClick={() => onFilters(others)}>
            {t('removeFilter')}
          </Button>
        )}
      </div>
    </form>
  );
}

function Facts({ profile }: { profile: ColumnProfile }) {
  const t = useT(detailMessages);
  const facts: [string, string][] = [
    [t('rowCount'), formatCount(profile.rows)],
    [t('nulls'), formatCount(profile.nulls)],
    [t('distinct'), formatCount(profile.distinct)],
    ...(profile.min === null ? [] : [[t('least'), shown(profile.min)] as [string, string]]),
    ...(profile.max === null ? [] : [[t('greatest'), shown(profile.max)] as [string, string]]),
  ];
  return (
    <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-0.5 text-sm">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-subtle">{name}</dt>
          <dd dir="auto" className="nums min-w-0 break-words">
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function TopValues({ profile }: { profile: ColumnProfile }) {
  const t = useT(detailMessages);
  const most = profile.top[0]?.count ?? 1;
  if (profile.top.length === 0) return null;
  return (
    <div>
      <h5 className="text-xs text-subtle">{t('topValues')}</h5>
      <ol className="flex flex-col gap-0.5">
        {profile.top.map(({ value, count }) => (
          <li key={shown(value)} className="relative flex gap-2 rounded-sm px-1 text-sm">
            <span
              aria-hidden
              className="absolute inset-y-0 left-0 rounded-sm bg-accent-soft"
              style={{ width: `${(100 * count) / most}%` }}
            />
            <span dir="auto" className="relative min-w-0 flex-1 truncate">
              {shown(value)}
            </span>
            <span className="nums relative text-muted">{formatCount(count)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** A filter for one column, beside what the column holds in the rows that meet the filters. */
export default function ColumnPanel(props: ColumnPanelProps) {
  const { resultId, column, columns, filters, onClose } = props;
  const t = useT(detailMessages);
  const box = useRef<HTMLElement>(null);
  const profile = useQuery(profileOptions(resultId, column, filterParam(filters)));
  const { name = '', type = 'string' } = columns[column] ?? {};
  useEffect(() => box.current?.querySelector<HTMLElement>('select')?.focus(), []);
  useEffect(() => {
    const panel = box.current;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') onClose();
    };
    panel?.addEventListener('keydown', onKey);
    return () => panel?.removeEventListener('keydown', onKey);
  });
  return (
    <section
      ref={box}
      aria-label={t('columnPanel', { column: name })}
      className="border-t border-line bg-sunken px-3 py-2"
    >
      <div className="flex items-center gap-2">
        <h4 className="mr-auto min-w-0 truncate text-sm font-strong">
          <bdi>{name}</bdi> <span className="font-normal text-subtle">{type}</span>
        </h4>
        <IconButton
          label={t('closePanel')}
          size="sm"
          icon={<X aria-hidden className="size-4" />}
          onClick={onClose}
        />
      </div>
      <div className="flex flex-wrap gap-x-8 gap-y-3">
        <FilterForm {...props} />
        <div className="flex min-w-56 flex-1 flex-col gap-2">
          {profile.isPending && <Spinner />}
          {profile.error && <ErrorPanel error={profile.error} title={t('profileFailed')} />}
          {profile.data && <Facts profile={profile.data} />}
          {profile.data && <TopValues profile={profile.data} />}
        </div>
      </div>
    </section>
  );
}

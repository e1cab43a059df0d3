import { useEffect, useState } from 'react';
import { useT } from '@/lib/i18n';
import { Input, Select } from '@/ui';
import { PERIODS, type Period, type RunFilters } from './api';
import { messages } from './messages';

type Change = (change: Partial<RunFilters>) => void;

interface Named {
  id: string;
  name: string;
}

export interface RunFilterBarProps {
  filters: RunFilters;
  agents: readonly Named[];
  sources: readonly Named[];
  onChange: Change;
}

/** Keeps the search in the address, a moment after the last key. */
const SEARCH_AFTER_MS = 250;

function Search({ q, onChange }: { q: string; onChange: Change }) {
  const t = useT(messages);
  const [text, setText] = useState(q);
  useEffect(() => {
    if (text === q) return undefined;
    const timer = setTimeout(() => onChange({ q: text || undefined }), SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text, q, onChange]);
  return (
    <Input
      type="search"
      aria-label={t('search')}
      placeholder={t('search')}
      value={text}
      onChange={(event) => setText(event.target.value)}
      className="col-span-2 sm:max-w-60"
    />
  );
}

const STATES = ['active', 'waiting', 'succeeded', 'failed', 'cancelled'] as const;
const KINDS = ['chat', 'background', 'test'] as const;

/** Every filter lives in the address, so that a view can be shared. */
export function RunFilterBar({ filters, agents, sources, onChange }: RunFilterBarProps) {
  const t = useT(messages);
  const pick = (key: keyof RunFilters) => (value: string) =>
    onChange({ [key]: value === '' ? undefined : value });
  const named = (any: string, all: readonly Named[]) => [
    { value: '', label: any },
    ...all.map(({ id, name }) => ({ value: id, label: name })),
  ];
  const selects = [
    {
      key: 'since',
      label: t('period'),
      options: (Object.keys(PERIODS) as Period[]).map((value) => ({
        value,
        label: t(`period_${value}`),
      })),
    },
    {
      key: 'status',
      label: t('status'),
      options: [
        { value: '', label: t('anyStatus') },
        ...STATES.map((value) => ({ value, label: t(`status_${value}`) })),
      ],
    },
    {
      key: 'kind',
      label: t('kind'),
      options: [
        { value: '', label: t('anyKind') },
        ...KINDS.map((value) => ({ value, label: t(`kind_${value}`) })),
      ],
    },
    { key: 'agent', label: t('agent'), options: named(t('anyAgent'), agents) },
    { key: 'source', label: t('source'), options: named(t('anySource'), sources) },
  ] as const;
  return (
    <div className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap">
      <Search q={filters.q ?? ''} onChange={onChange} />
      {selects.map(({ key, label, options }) => (
        <Select
          key={key}
          aria-label={label}
          value={filters[key] ?? ''}
          options={options}
          onChange={pick(key)}
          className="min-w-0 sm:w-auto sm:max-w-44"
        />
      ))}
    </div>
  );
}

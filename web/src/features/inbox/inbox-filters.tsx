import { useT } from '@/lib/i18n';
import { Select } from '@/ui';
import type { InboxFilters } from './api';
import { messages } from './messages';

interface Named {
  id: string;
  name: string;
}

export interface InboxFilterBarProps {
  filters: InboxFilters;
  agents: readonly Named[];
  sources: readonly Named[];
  onChange: (change: Partial<InboxFilters>) => void;
}

const KINDS = ['approval', 'question', 'review', 'problem', 'finished', 'mention'] as const;
const RISKS = ['read', 'write', 'external', 'destructive', 'spend'] as const;

export function InboxFilterBar({ filters, agents, sources, onChange }: InboxFilterBarProps) {
  const t = useT(messages);
  const named = (any: string, all: readonly Named[]) => [
    { value: '', label: any },
    ...all.map(({ id, name }) => ({ value: id, label: name })),
  ];
  const selects = [
    {
      key: 'kind',
      label: t('kind'),
      options: [
        { value: '', label: t('anyKind') },
        ...KINDS.map((value) => ({ value, label: t(`kind_${value}`) })),
      ],
    },
    {
      key: 'risk',
      label: t('risk'),
      options: [
        { value: '', label: t('anyRisk') },
        ...RISKS.map((value) => ({ value, label: t(`risk_${value}`) })),
      ],
    },
    { key: 'agent', label: t('agent'), options: named(t('anyAgent'), agents) },
    { key: 'source', label: t('source'), options: named(t('anySource'), sources) },
  ] as const;
  return (
    <div className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap">
      {selects.map(({ key, label, options }) => (
        <Select
          key={key}
          aria-label={label}
          value={filters[key] ?? ''}
          options={options}
          onChange={(value) => onChange({ [key]: value === '' ? undefined : value })}
          className="min-w-0 sm:w-auto sm:max-w-44"
        />
      ))}
    </div>
  );
}

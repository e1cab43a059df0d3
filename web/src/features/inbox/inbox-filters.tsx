import { useT } from '@/lib/i18n';
import { FilterSelects, namedOptions } from '@/ui';
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
    { key: 'agent', label: t('agent'), options: namedOptions(t('anyAgent'), agents) },
    { key: 'source', label: t('source'), options: namedOptions(t('anySource'), sources) },
  ] as const;
  return (
    <div className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap">
      <FilterSelects
        filters={selects}
        values={filters}
        onChange={(key, value) => onChange({ [key]: value })}
      />
    </div>
  );
}

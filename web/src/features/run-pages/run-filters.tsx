import { useT } from '@/lib/i18n';
import { FilterSelects, namedOptions, SearchInput } from '@/ui';
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

const STATES = ['active', 'waiting', 'succeeded', 'failed', 'cancelled'] as const;
const KINDS = ['chat', 'background', 'test'] as const;

/** Every filter lives in the address, so that a view can be shared. */
export function RunFilterBar({ filters, agents, sources, onChange }: RunFilterBarProps) {
  const t = useT(messages);
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
    { key: 'agent', label: t('agent'), options: namedOptions(t('anyAgent'), agents) },
    { key: 'source', label: t('source'), options: namedOptions(t('anySource'), sources) },
  ] as const;
  return (
    <div className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap">
      <SearchInput
        label={t('search')}
        value={filters.q ?? ''}
        onSearch={(text) => onChange({ q: text || undefined })}
        className="col-span-2 sm:max-w-60"
      />
      <FilterSelects
        filters={selects}
        values={filters}
        onChange={(key, value) => onChange({ [key]: value })}
      />
    </div>
  );
}

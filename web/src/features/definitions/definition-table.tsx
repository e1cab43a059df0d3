import { Link } from '@tanstack/react-router';
import type { Definition } from '@/api/types';
import { useT } from '@/lib/i18n';
import { FilterSelects, namedOptions, SearchInput, Table, Time } from '@/ui';
import { STATUSES, type DefinitionFilters } from './api';
import { messages } from './messages';
import { DefinitionState } from './status-chip';

interface BarProps {
  filters: DefinitionFilters;
  sources: readonly { id: string; name: string }[];
  onChange: (change: Partial<DefinitionFilters>) => void;
}

export function DefinitionFilterBar({ filters, sources, onChange }: BarProps) {
  const t = useT(messages);
  const selects = [
    {
      key: 'status',
      label: t('status'),
      options: [
        { value: '', label: t('anyStatus') },
        ...STATUSES.map((value) => ({ value, label: t(value) })),
      ],
    },
    { key: 'source', label: t('source'), options: namedOptions(t('anySource'), sources) },
  ] as const;
  return (
    <div className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap">
      <SearchInput
        label={t('search')}
        value={filters.q ?? ''}
        maxLength={200}
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

export function DefinitionTable({ definitions }: { definitions: Definition[] }) {
  const t = useT(messages);
  const source = ({ source_id: id, source_name: name }: Definition) =>
    id === null ? t('sourceNone') : (name ?? t('sourceGone'));
  return (
    <Table
      label={t('title')}
      rows={definitions}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'name',
          header: t('name'),
          cell: ({ id, handle, name, pattern }) => (
            <span className="block min-w-40 py-1">
              <Link
                to="/definitions/$definition"
                params={{ definition: id }}
                className="font-strong text-accent hover:underline"
              >
                {name}
              </Link>
              <span className="nums ml-2 text-xs text-subtle">{handle}</span>
              <span className="block text-xs text-subtle">{pattern}</span>
            </span>
          ),
        },
        {
          key: 'kind',
          header: t('kind'),
          wide: true,
          cell: ({ kind }) => <span className="text-muted">{t(kind)}</span>,
        },
        {
          key: 'source',
          header: t('source'),
          wide: true,
          cell: (row) => <span className="text-muted lg:whitespace-nowrap">{source(row)}</span>,
        },
        {
          key: 'owner',
          header: t('owner'),
          wide: true,
          cell: ({ owner }) => (
            <span className="block max-w-40 truncate text-muted">{owner.name || '—'}</span>
          ),
        },
        {
          key: 'changed',
          header: t('changed'),
          wide: true,
          cell: ({ updated_at: at }) => (
            <span className="text-muted">
              <Time iso={at} />
            </span>
          ),
        },
        {
          key: 'status',
          header: t('status'),
          cell: (row) => <DefinitionState definition={row} />,
        },
      ]}
    />
  );
}

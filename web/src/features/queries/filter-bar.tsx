import { X } from 'lucide-react';
import type { Column } from '@/api/types';
import { formatCount } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { takesValue, type ResultFilter } from './filters';
import { messages } from './messages';

interface FilterBarProps {
  columns: readonly Column[];
  filters: readonly ResultFilter[];
  onFilters: (filters: ResultFilter[]) => void;
  /** Rows that meet the filters; null while that is not known. */
  matching: number | null;
  count: number;
}

/** The filters that are on, each with a button that takes it away. */
export function FilterBar({ columns, filters, onFilters, matching, count }: FilterBarProps) {
  const t = useT(messages);
  if (filters.length === 0) return null;
  const words = ({ column, op, value }: ResultFilter) =>
    [columns[column]?.name ?? '', t(`op_${op}`), takesValue(op) ? value : ''].join(' ').trim();
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line bg-sunken px-3 py-1.5 text-xs">
      {filters.map((filter) => (
        <button
          key={filter.column}
          type="button"
          aria-label={t('removeFilterOf', { filter: words(filter) })}
          className="inline-flex min-h-6 max-w-full items-center gap-1 rounded-sm bg-accent-soft px-1.5 text-accent"
          onClick={() => onFilters(filters.filter((one) => one !== filter))}
        >
          <bdi className="truncate">{words(filter)}</bdi>
          <X aria-hidden className="size-3 shrink-0" />
        </button>
      ))}
      <span role="status" className="nums text-muted">
        {matching !== null &&
          t('matching', { matching: formatCount(matching), count: formatCount(count) })}
      </span>
    </div>
  );
}

import type { Cell, Column } from '@/api/types';
import { useT } from '@/lib/i18n';
import { messages } from '../messages';

export interface ResultGridProps {
  columns: Column[];
  /** Column by column, as the server sends it. */
  data: Cell[][];
  rowCount: number;
  /** Rows there would be without the limit; null when unknown. */
  total?: number | null;
  truncated?: boolean;
  label?: string;
}

const NUMERIC = new Set(['int32', 'int64', 'float64', 'decimal']);

function CellText({ value }: { value: Cell | undefined }) {
  const t = useT(messages);
  if (value === null || value === undefined) {
    return <span className="text-subtle italic">{t('null')}</span>;
  }
  if (typeof value !== 'object') return String(value);
  if ('bytes' in value && typeof value.bytes === 'number') {
    return <span className="text-subtle">{t('bytes', { count: value.bytes })}</span>;
  }
  return JSON.stringify(value);
}

export function ResultGrid({ columns, data, rowCount, total, truncated, label }: ResultGridProps) {
  const t = useT(messages);
  const rows = Math.min(rowCount, data[0]?.length ?? 0);
  return (
    <div className="flex flex-col gap-2">
      {/* A region that scrolls must be reachable with the keyboard. */}
      <div
        role="region"
        aria-label={label ?? t('gridCaption')}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls with the arrow keys
        tabIndex={0}
        data-testid="grid"
        className="max-h-96 overflow-auto rounded-lg border border-line bg-surface"
      >
        <table className="w-full border-collapse text-sm">
          <thead className="sticky top-0 bg-surface">
            <tr>
              {columns.map((column) => (
                <th
                  key={column.name}
                  scope="col"
                  className="h-row border-b border-line px-3 text-left font-strong whitespace-nowrap"
                >
                  {column.name}{' '}
                  <span className="text-xs font-normal text-subtle">{column.type}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="nums">
            {Array.from({ length: rows }, (_, row) => (
              <tr key={row} className="h-row border-b border-line last:border-0">
                {columns.map((column, index) => (
                  <td
                    key={column.name}
                    className={`max-w-80 truncate px-3 ${NUMERIC.has(column.type) ? 'text-right' : ''}`}
                  >
                    <CellText value={data[index]?.[row]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="text-xs text-subtle">
        {rows === 0 ? t('gridEmpty') : t('gridOf', { shown: rows, count: total ?? rowCount })}
        {truncated && total == null ? ` · ${t('gridTruncated')}` : ''}
      </p>
    </div>
  );
}

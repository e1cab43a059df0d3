import { formatCount, formatMoney, isMoney, UNKNOWN } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Table } from '@/ui';
import { messages } from './messages';
import type { Total } from './totals';

/** A sum that leaves calls out says so: `≥ $0.012`. */
function money({ cost, unpriced }: Total): string {
  if (cost === null) return UNKNOWN;
  if (unpriced === 0) return formatMoney(cost);
  return isMoney(cost) ? `≥ ${formatMoney(cost)}` : UNKNOWN;
}

function tokens(value: number | null, uncounted: number): string {
  return value !== null && uncounted > 0 ? `≥ ${formatCount(value)}` : formatCount(value);
}

export function UsageTable({ rows }: { rows: readonly (Total & { label: string })[] }) {
  const t = useT(messages);
  return (
    <Table
      label={t('title')}
      rows={rows}
      rowKey={(row) => row.key}
      columns={[
        { key: 'name', header: t('name'), cell: (row) => row.label },
        {
          key: 'calls',
          header: t('calls'),
          align: 'right',
          wide: true,
          cell: (row) => <span className="nums">{formatCount(row.calls)}</span>,
        },
        {
          key: 'in',
          header: t('input'),
          align: 'right',
          cell: (row) => <span className="nums">{tokens(row.input, row.uncounted)}</span>,
        },
        {
          key: 'out',
          header: t('output'),
          align: 'right',
          cell: (row) => <span className="nums">{tokens(row.output, row.uncounted)}</span>,
        },
        {
          key: 'cost',
          header: t('cost'),
          align: 'right',
          cell: (row) => (
            <span
              className="nums"
              title={row.unpriced > 0 ? t('unpriced', { count: row.unpriced }) : undefined}
            >
              {money(row)}
            </span>
          ),
        },
      ]}
    />
  );
}

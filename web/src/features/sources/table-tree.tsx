import { Eye, FileSpreadsheet, Table2 } from 'lucide-react';
import type { CatalogTable } from '@/api/types';
import { cx } from '@/lib/cx';
import { formatCompact } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Input } from '@/ui';
import { messages } from './messages';
import { bySchema, tableKey } from './tables';

const ICONS = { table: Table2, view: Eye, file: FileSpreadsheet };

export interface TableTreeProps {
  label: string;
  tables: CatalogTable[];
  chosen: string;
  filter: string;
  onFilter: (text: string) => void;
  onChoose: (table: string) => void;
}

interface LeafProps {
  table: CatalogTable;
  active: boolean;
  onChoose: (table: string) => void;
}

function Leaf({ table, active, onChoose }: LeafProps) {
  const Icon = ICONS[table.kind];
  return (
    <li>
      <button
        type="button"
        aria-current={active ? 'true' : undefined}
        onClick={() => onChoose(tableKey(table))}
        className={cx(
          'flex h-8 w-full items-center gap-2 rounded-md px-2 text-left text-sm hover:bg-sunken focus-visible:-outline-offset-2 pointer-coarse:h-control',
          active ? 'bg-accent-soft font-strong' : 'text-muted',
        )}
      >
        <Icon aria-hidden className="size-4 shrink-0 text-subtle" />
        <span className="min-w-0 flex-1 truncate">{table.name}</span>
        {table.rows == null ? null : (
          <span className="nums text-xs font-normal text-subtle">{formatCompact(table.rows)}</span>
        )}
      </button>
    </li>
  );
}

export function TableTree(props: TableTreeProps) {
  const { label, tables, chosen, filter, onFilter, onChoose } = props;
  const t = useT(messages);
  const wanted = filter.trim().toLowerCase();
  const shown = tables.filter((table) => tableKey(table).toLowerCase().includes(wanted));
  const groups = [...bySchema(shown)];
  return (
    <nav aria-label={label} className="flex min-w-0 flex-col gap-2">
      {tables.length > 8 ? (
        <Input
          type="search"
          aria-label={t('filter')}
          placeholder={t('filter')}
          value={filter}
          onChange={(event) => onFilter(event.target.value)}
        />
      ) : null}
      <div className="flex max-h-72 flex-col gap-2 overflow-y-auto md:max-h-[60dvh]">
        {groups.map(([schema, members]) => (
          <div key={schema}>
            {schema === '' || (groups.length === 1 && schema === 'public') ? null : (
              <p className="truncate px-2 py-1 text-xs text-subtle">{schema}</p>
            )}
            <ul className="flex flex-col gap-0.5">
              {members.map((table) => (
                <Leaf
                  key={tableKey(table)}
                  table={table}
                  active={tableKey(table) === chosen}
                  onChoose={onChoose}
                />
              ))}
            </ul>
          </div>
        ))}
        {shown.length === 0 ? <p className="px-2 text-sm text-muted">{t('filterNone')}</p> : null}
      </div>
    </nav>
  );
}

import { memo } from 'react';
import type { Cell } from '@/api/types';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { localeStore } from '@/lib/preferences';
import { useStore } from '@/lib/store';
import { cellKind, cellText, formattedText, isNumeric, momentTitle } from './cells';
import { messages } from './messages';

interface GridCellProps {
  id: string;
  row: number;
  column: number;
  type: string;
  value: Cell | undefined;
  left: number;
  width: number;
  pinned: boolean;
  /** Numbers with separators instead of as they came. */
  formatted: boolean;
  active: boolean;
  selected: boolean;
}

const EMPTY_STRING = '""';
const NULL = 'NULL';

function Content({ value, text }: { value: Cell | undefined; text: string }) {
  const kind = cellKind(value);
  if (kind === 'null') return <i className="text-subtle">{NULL}</i>;
  if (kind === 'empty') return <span className="text-subtle">{EMPTY_STRING}</span>;
  if (kind === 'loading') return <span className="inline-block h-2 w-10 rounded-sm bg-line" />;
  return <>{text}</>;
}

type Look = Pick<GridCellProps, 'type' | 'pinned' | 'selected' | 'active'>;

const cellClass = ({ type, pinned, selected, active }: Look) =>
  cx(
    'flex items-center border-r border-line px-2',
    pinned ? 'sticky z-[2] h-full shrink-0' : 'absolute inset-y-0',
    isNumeric(type) && 'nums justify-end',
    selected ? 'bg-accent-soft' : pinned && 'bg-surface',
    active && !pinned && 'z-[1]',
    active && 'outline-offset-[-2px] focus:outline-2 focus:outline-accent',
  );

/** One data cell; which cell was meant travels in its data attributes. */
export const GridCell = memo(function GridCell(props: GridCellProps) {
  const { id, row, column, type, value, left, width, formatted, active, selected } = props;
  const t = useT(messages);
  const locale = useStore(localeStore);
  const text = formatted && isNumeric(type) ? formattedText(value, locale) : cellText(value);
  const moment = momentTitle(type, value, locale);
  return (
    <div
      id={id}
      role="gridcell"
      aria-colindex={column + 2}
      aria-selected={selected}
      tabIndex={active ? 0 : -1}
      data-row={row}
      data-column={column}
      title={moment ? t('moment', moment) : undefined}
      data-null={value === null || undefined}
      style={{ left, width }}
      className={cellClass(props)}
    >
      <span className="truncate">
        <Content value={value} text={text} />
      </span>
    </div>
  );
});

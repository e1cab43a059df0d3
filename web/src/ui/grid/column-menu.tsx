import {
  ArrowDown,
  ArrowUp,
  Check,
  ChevronDown,
  Copy,
  EyeOff,
  Filter,
  Hash,
  Pin,
  PinOff,
  X,
} from 'lucide-react';
import { useRef, type KeyboardEvent, type SyntheticEvent } from 'react';
import { useT } from '@/lib/i18n';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../menu';
import type { Sort } from './compare';
import { messages } from './messages';
import type { GridColumns } from './use-columns';

/** What a column menu can do; the same for every column of a grid. */
export interface ColumnActions {
  columns: GridColumns;
  /** Position of the column whose menu is open. */
  menu: number | null;
  onMenu: (position: number | null) => void;
  onCopy: (position: number) => void;
  formatted: boolean;
  onFormat: (formatted: boolean) => void;
}

interface ColumnMenuProps {
  position: number;
  name: string;
  width: number;
  /** The header cell has the focus, so its button is the next tab stop. */
  reachable: boolean;
  actions: ColumnActions;
}

const STEP = 1.25;
const ICON = 'size-4 text-subtle';

function SortItems({ position, actions }: ColumnMenuProps) {
  const t = useT(messages);
  const { sort, onSort, sortsOnServer } = actions.columns.view;
  if (!onSort) return null;
  const now = sort?.column === position ? sort.direction : null;
  const item = (direction: Sort['direction'], Icon: typeof ArrowUp) => (
    <MenuItem
      icon={<Icon aria-hidden className={ICON} />}
      shortcut={now === direction ? '✓' : undefined}
      onSelect={() => onSort({ column: position, direction })}
    >
      {t(direction === 'asc' ? 'sortAscending' : 'sortDescending')}
    </MenuItem>
  );
  return (
    <>
      <MenuLabel>{t(sortsOnServer ? 'sortsServer' : 'sortsHere')}</MenuLabel>
      {item('asc', ArrowUp)}
      {item('desc', ArrowDown)}
      <MenuItem
        icon={<X aria-hidden className={ICON} />}
        disabled={now === null}
        onSelect={() => onSort(null)}
      >
        {t('sortNone')}
      </MenuItem>
      <MenuSeparator />
    </>
  );
}

function WidthItems({ position, width, actions }: ColumnMenuProps) {
  const t = useT(messages);
  const { resize, fit } = actions.columns;
  return (
    <>
      <MenuSeparator />
      <MenuItem onSelect={() => resize(position, width / STEP)}>{t('narrower')}</MenuItem>
      <MenuItem onSelect={() => resize(position, width * STEP)}>{t('wider')}</MenuItem>
      <MenuItem onSelect={() => fit(position)}>{t('fit')}</MenuItem>
    </>
  );
}

function ShowItems({ columns }: ColumnActions) {
  const t = useT(messages);
  const { hidden, show, showAll } = columns;
  if (hidden.length === 0) return null;
  return (
    <>
      <MenuSeparator />
      <MenuLabel>{t('hiddenColumns', { count: hidden.length })}</MenuLabel>
      {hidden.map(({ index, name }) => (
        <MenuItem key={index} onSelect={() => show(index)}>
          {t('showColumn', { column: name })}
        </MenuItem>
      ))}
      {hidden.length > 1 && <MenuItem onSelect={showAll}>{t('showAllColumns')}</MenuItem>}
    </>
  );
}

function Items(props: ColumnMenuProps) {
  const { position, actions } = props;
  const t = useT(messages);
  const { columns, formatted, onFormat, onCopy } = actions;
  const { onInspect } = columns.view;
  const isPinned = position < columns.pinned;
  const PinIcon = isPinned ? PinOff : Pin;
  return (
    <>
      <SortItems {...props} />
      {onInspect && (
        <MenuItem
          icon={<Filter aria-hidden className={ICON} />}
          onSelect={() => onInspect(position)}
        >
          {t('inspect')}
        </MenuItem>
      )}
      <MenuItem
        icon={<PinIcon aria-hidden className={ICON} />}
        onSelect={() => columns.togglePin(position)}
      >
        {t(isPinned ? 'unpin' : 'pin')}
      </MenuItem>
      <MenuItem
        icon={<EyeOff aria-hidden className={ICON} />}
        disabled={columns.view.columns.length < 2}
        onSelect={() => columns.hide(position)}
      >
        {t('hide')}
      </MenuItem>
      <MenuItem icon={<Copy aria-hidden className={ICON} />} onSelect={() => onCopy(position)}>
        {t('copyColumn')}
      </MenuItem>
      <WidthItems {...props} />
      <MenuSeparator />
      <MenuItem
        icon={
          formatted ? <Check aria-hidden className={ICON} /> : <Hash aria-hidden className={ICON} />
        }
        note={t(formatted ? 'formatOn' : 'formatOff')}
        onSelect={() => onFormat(!formatted)}
      >
        {t('formatNumbers')}
      </MenuItem>
      <ShowItems {...actions} />
    </>
  );
}

const stop = (event: SyntheticEvent) => event.stopPropagation();
const OPENS = new Set(['Enter', ' ', 'ArrowDown']);

/** The button in a header cell with everything one can do to its column without dragging. */
export function ColumnMenu(props: ColumnMenuProps) {
  const { position, name, reachable, actions } = props;
  const t = useT(messages);
  const box = useRef<HTMLSpanElement>(null);
  const label = t('columnMenu', { column: name });
  // The menu is a child of the grid in React even though it is drawn elsewhere: its keys are its
  // own. On the button itself, keys that do not open the menu still move in the grid.
  const onKeyDown = (event: KeyboardEvent) => {
    const onButton = box.current?.contains(event.target as Node) === true;
    if (!onButton || OPENS.has(event.key)) event.stopPropagation();
  };
  return (
    <span
      ref={box}
      role="presentation"
      className="flex shrink-0"
      onKeyDown={onKeyDown}
      onMouseDown={stop}
      onMouseMove={stop}
      onClick={stop}
      onDoubleClick={stop}
    >
      <Menu
        label={label}
        open={actions.menu === position}
        onOpenChange={(open) => actions.onMenu(open ? position : null)}
        trigger={
          <button
            type="button"
            aria-label={label}
            tabIndex={reachable ? undefined : -1}
            className="flex size-6 items-center justify-center rounded-sm text-subtle hover:bg-line hover:text-fg"
          >
            <ChevronDown aria-hidden className="size-3.5" />
          </button>
        }
      >
        <Items {...props} />
      </Menu>
    </span>
  );
}

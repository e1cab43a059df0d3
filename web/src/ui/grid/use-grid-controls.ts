import { useState, type KeyboardEvent, type MouseEvent, type RefObject } from 'react';
import { copyText } from '@/lib/clipboard';
import { useT } from '@/lib/i18n';
import { toTsv } from './cells';
import type { Sort } from './compare';
import type { GridProps } from './grid-props';
import { messages } from './messages';
import {
  isSeveral,
  moveSelection,
  selectedRange,
  type Extent,
  type Position,
  type Range,
} from './selection';
import { useSelection, type ScrollGeometry } from './use-selection';

const positionOf = (target: EventTarget): Position | null => {
  const cell = (target as HTMLElement).closest<HTMLElement>('[data-row]');
  return cell ? { row: Number(cell.dataset.row), column: Number(cell.dataset.column) } : null;
};

const nextSort = (sort: Sort | null, column: number): Sort | null => {
  if (sort?.column !== column) return { column, direction: 'asc' };
  return sort.direction === 'asc' ? { column, direction: 'desc' } : null;
};

/** Copies a range as TSV, after loading the rows of it that are not there yet. */
function useCopyRange({ cell, load }: GridProps) {
  const t = useT(messages);
  const [notice, setNotice] = useState('');
  const copyRange = async ({ top, bottom, left, right }: Range) => {
    await load?.(top, bottom + 1);
    const rows = Array.from({ length: bottom - top + 1 }, (_, row) =>
      Array.from({ length: right - left + 1 }, (__, column) => cell(top + row, left + column)),
    );
    const done = await copyText(toTsv(rows));
    const count = rows.length * (right - left + 1);
    setNotice(done ? t('copied', { count }) : t('copyFailed'));
  };
  return { notice, copyRange };
}

/** What keys and the mouse do in a grid. */
export function useGridControls(
  props: GridProps,
  ref: RefObject<HTMLDivElement | null>,
  geometry: ScrollGeometry,
  extent: Extent,
  onMenu: (column: number) => void,
) {
  const { sort = null, onSort } = props;
  const { selection, select } = useSelection(ref, geometry, extent);
  const [opened, setOpened] = useState<Position | null>(null);
  const { notice, copyRange } = useCopyRange(props);
  const range = selectedRange(selection);

  const activate = ({ row, column }: Position) => {
    if (row < 0) onSort?.(nextSort(sort, column));
    else setOpened({ row, column });
  };

  const leave = () => {
    if (isSeveral(range)) select({ active: selection.active, anchor: selection.active });
    else ref.current?.closest<HTMLElement>('[data-grid-owner]')?.focus();
  };

  const onShortcut = (key: string): boolean => {
    const last = { row: extent.rows - 1, column: extent.columns - 1 };
    if (key === 'c' && range) void copyRange(range);
    else if (key === 'a') select({ anchor: { row: 0, column: 0 }, active: last });
    else return false;
    return true;
  };

  const onPlainKey = (key: string): boolean => {
    if (key === 'enter' || (key === ' ' && selection.active.row < 0)) activate(selection.active);
    else if (key === 'escape') leave();
    else return false;
    return true;
  };

  const onCommand = (event: KeyboardEvent): boolean => {
    const key = event.key.toLowerCase();
    return event.ctrlKey || event.metaKey ? onShortcut(key) : onPlainKey(key);
  };

  const point = (event: MouseEvent, extend: boolean) => {
    const at = positionOf(event.target);
    if (at) select({ active: at, anchor: extend && at.row >= 0 ? selection.anchor : at });
  };

  const handlers = {
    onKeyDown: (event: KeyboardEvent) => {
      const opensMenu = event.altKey && event.key === 'ArrowDown';
      const next = opensMenu ? null : moveSelection(selection, event, extent);
      if (opensMenu) onMenu(selection.active.column);
      else if (next) select(next);
      else if (!onCommand(event)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    onMouseDown: (event: MouseEvent) => {
      if (event.button === 0) point(event, event.shiftKey);
    },
    onMouseMove: (event: MouseEvent) => {
      if (event.buttons !== 1) return;
      const at = positionOf(event.target);
      const { row, column } = selection.active;
      if (at && at.row >= 0 && (at.row !== row || at.column !== column)) point(event, true);
    },
    onClick: (event: MouseEvent) => {
      const at = positionOf(event.target);
      if (at?.row === -1) activate(at);
    },
    onDoubleClick: (event: MouseEvent) => {
      const at = positionOf(event.target);
      if (at && at.row >= 0) setOpened(at);
    },
  };

  const close = () => {
    setOpened(null);
    select(selection);
  };

  return { selection, select, range, opened, notice, handlers, close, copyRange };
}

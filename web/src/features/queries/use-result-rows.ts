import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import type { Cell, Column, Rows } from '@/api/types';
import { sortedIndexes, type Sort } from '@/ui/grid';
import { PAGE_ROWS, rowsOptions } from './api';
import { filterParam, type ResultFilter } from './filters';

interface Loaded {
  /** Which result and order the pages belong to. */
  key: string;
  pages: ReadonlyMap<number, Rows>;
}

const range = (start: number, end: number) =>
  Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);

/** What the server is asked to sort by: nothing while the whole result fits in one page. */
const serverSort = (rowCount: number, sort: Sort | null) =>
  sort && rowCount > PAGE_ROWS ? `#${sort.column + 1}:${sort.direction}` : null;

/** The rows of a stored result, fetched page by page as they come into view. */
export function useResultRows(resultId: string, columns: readonly Column[], stored: number) {
  const client = useQueryClient();
  const [sort, setSort] = useState<Sort | null>(null);
  const [filters, setFilters] = useState<readonly ResultFilter[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [loaded, setLoaded] = useState<Loaded>({ key: '', pages: new Map() });
  const order = serverSort(stored, sort);
  const filter = filterParam(filters);
  const key = JSON.stringify([resultId, order, filter]);
  const pages = useMemo(
    () => (loaded.key === key ? loaded.pages : new Map<number, Rows>()),
    [loaded, key],
  );

  const matching = filter === null ? stored : (pages.get(0)?.filtered_count ?? null);
  const rowCount = matching ?? stored;

  const load = useCallback(
    async (start: number, end: number) => {
      const last = Math.ceil(Math.min(end, rowCount) / PAGE_ROWS);
      const wanted = range(Math.floor(start / PAGE_ROWS), last);
      try {
        const fetched = await Promise.all(
          wanted.map((page) => client.query(rowsOptions(resultId, { sort: order, filter }, page))),
        );
        setError(null);
        setLoaded((before) => {
          const made = new Map(before.key === key ? before.pages : []);
          const fresh = wanted.filter((page, index) => made.get(page) !== fetched[index]);
          if (fresh.length === 0 && before.key === key) return before;
          wanted.forEach((page, index) => {
            const rows = fetched[index];
            if (rows) made.set(page, rows);
          });
          return { key, pages: made };
        });
      } catch (failure) {
        setError(failure);
        throw failure;
      }
    },
    [client, resultId, order, filter, key, rowCount],
  );

  const localOrder = useMemo(() => {
    const first = pages.get(0);
    if (!sort || order !== null || !first) return null;
    const type = columns[sort.column]?.type ?? 'string';
    return sortedIndexes(type, first.data[sort.column] ?? [], sort.direction);
  }, [sort, order, pages, columns]);

  const cell = useCallback(
    (row: number, column: number): Cell | undefined => {
      const at = localOrder ? (localOrder[row] ?? row) : row;
      return pages.get(Math.floor(at / PAGE_ROWS))?.data[column]?.[at % PAGE_ROWS];
    },
    [pages, localOrder],
  );

  /** Every row in the order on screen, for copying. */
  const allRows = async (): Promise<Cell[][]> => {
    const fetched = await Promise.all(
      range(0, Math.ceil(rowCount / PAGE_ROWS)).map((page) =>
        client.query(rowsOptions(resultId, { sort: order, filter }, page)),
      ),
    );
    return range(0, rowCount).map((row) => {
      const at = localOrder ? (localOrder[row] ?? row) : row;
      const page = fetched[Math.floor(at / PAGE_ROWS)];
      return columns.map((_, column) => page?.data[column]?.[at % PAGE_ROWS] ?? null);
    });
  };

  const total = pages.get(0)?.total ?? null;
  const sortsOnServer = stored > PAGE_ROWS;
  const sorting = { sort, setSort, sortsOnServer };
  const filtering = { filters, setFilters, matching, rowCount };
  return { ...sorting, ...filtering, cell, load, error, allRows, total };
}

export type ResultRows = ReturnType<typeof useResultRows>;

'use client';

import {
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
} from '@tanstack/react-table';
import { useLocale } from 'next-intl';
import { useMemo, useState, type ReactNode } from 'react';

export type SortValue = string | number | Date | null | undefined;

export interface DataColumn<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** What to sort by; without it the column cannot be sorted. Rows without a value come last either way. */
  sort?: (row: Row) => SortValue;
  align?: 'start' | 'end';
  /** On a phone: the card's head, a labelled line, or left out. */
  phone?: 'title' | 'show' | 'hide';
  className?: string;
  /** The header is for screen readers only. */
  hideHeader?: boolean;
}

/** One column's order, and how to change it. */
export interface ColumnSorting {
  direction: 'asc' | 'desc' | false;
  toggle: () => void;
}

export interface TableModel<Row> {
  rows: Row[];
  page: { from: number; to: number; total: number; previous?: () => void; next?: () => void };
  sortingOf: (column: DataColumn<Row>) => ColumnSorting | undefined;
  sortBy: (id: string, desc: boolean) => void;
  sorted: { id: string; desc: boolean } | undefined;
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

/**
 * Sorts and pages rows.
 *
 * @param pageSize rows shown at once; Infinity for all
 */
export function useTableModel<Row extends object>(
  rows: readonly Row[],
  columns: DataColumn<Row>[],
  initialSort: { id: string; desc?: boolean } | undefined,
  pageSize: number,
): TableModel<Row> {
  const locale = useLocale();
  const definitions = useMemo(() => defineColumns(columns, locale), [columns, locale]);
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable<typeof features, Row>({
    features,
    columns: definitions,
    data,
    enableMultiSort: false,
    enableSortingRemoval: false,
    initialState: {
      sorting: initialSort === undefined ? [] : [{ id: initialSort.id, desc: initialSort.desc === true }],
    },
  });
  const [wanted, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(rows.length / pageSize));
  const page = Math.min(wanted, pages - 1);
  const start = pages === 1 ? 0 : page * pageSize;
  const all = table.getRowModel().rows;
  const shown = pages === 1 ? all : all.slice(start, start + pageSize);
  return {
    rows: shown.map((row) => row.original),
    page: {
      from: shown.length === 0 ? 0 : start + 1,
      to: start + shown.length,
      total: rows.length,
      ...(page > 0 && { previous: () => setPage(page - 1) }),
      ...(page < pages - 1 && { next: () => setPage(page + 1) }),
    },
    sortingOf: (column) => {
      if (column.sort === undefined) return undefined;
      const of = table.getColumn(column.id);
      return {
        direction: of?.getIsSorted() ?? false,
        toggle: () => of?.toggleSorting(of.getIsSorted() === 'asc'),
      };
    },
    sortBy: (id, desc) => table.setSorting([{ id, desc }]),
    sorted: table.state.sorting[0],
  };
}

function defineColumns<Row extends object>(
  columns: DataColumn<Row>[],
  locale: string,
): ColumnDef<typeof features, Row>[] {
  // By the reader's language: Chinese names by pinyin, "vm-10" after "vm-9".
  const collator = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  return columns.map((column) => ({
    id: column.id,
    accessorFn: (row: Row) => comparable(column.sort?.(row)),
    enableSorting: column.sort !== undefined,
    sortUndefined: 'last' as const,
    sortDescFirst: false,
    sortFn: (a, b) => compare(a.getValue(column.id), b.getValue(column.id), collator),
  }));
}

function comparable(value: SortValue): string | number | undefined {
  if (value instanceof Date) return value.getTime();
  return value ?? undefined;
}

function compare(a: unknown, b: unknown, collator: Intl.Collator): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}

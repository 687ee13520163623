'use client';

import { ArrowDown, ArrowUp, ChevronLeft, ChevronRight, ChevronsUpDown } from 'lucide-react';
import Link from 'next/link';
import { useFormatter, useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { classNames } from './class-names';
import { useTableModel, type ColumnSorting, type DataColumn, type TableModel } from './data-table-model';
import { IconButton } from './icon-button';
import { Select } from './select';

export interface DataTableProps<Row extends object> {
  label: string;
  rows: readonly Row[];
  columns: DataColumn<Row>[];
  rowId: (row: Row) => string;
  /** Makes the whole row a link; the title column's cell must then hold no link of its own. */
  rowHref?: (row: Row) => string;
  rowActions?: (row: Row) => ReactNode;
  empty?: ReactNode;
  /** New rows are on their way; the old ones stay. */
  busy?: boolean;
  initialSort?: { id: string; desc?: boolean };
  dense?: boolean;
  pageSize?: number;
  selection?: { selected: ReadonlySet<string>; onChange: (ids: Set<string>) => void };
}

/** Rows of one kind: sorted by their heads, each a link if it has a page, cards on a phone. */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { rows, columns, initialSort, pageSize = Infinity, busy = false } = props;
  const t = useTranslations('ui.table');
  const model = useTableModel(rows, columns, initialSort, pageSize);
  if (rows.length === 0) {
    return (
      <div className="border-border bg-surface rounded-xl border">
        {props.empty ?? <p className="text-text-muted px-5 py-8 text-center">{t('empty')}</p>}
      </div>
    );
  }
  return (
    <div aria-busy={busy || undefined} className={classNames('transition-opacity', busy && 'opacity-60')}>
      <PhoneSorting columns={columns} model={model} />
      <div className="sm:border-border sm:bg-surface sm:shadow-card sm:rounded-xl sm:border sm:max-xl:overflow-x-auto xl:overflow-clip">
        <table aria-label={props.label} className="w-full border-collapse text-left max-sm:block">
          <Head {...props} model={model} />
          <tbody className="max-sm:flex max-sm:flex-col max-sm:gap-3">
            {model.rows.map((row) => (
              <BodyRow key={props.rowId(row)} row={row} {...props} />
            ))}
          </tbody>
        </table>
      </div>
      {model.page.total > pageSize && <Pager model={model} />}
    </div>
  );
}

function Head<Row extends object>({
  columns,
  rowActions,
  selection,
  rowId,
  model,
}: DataTableProps<Row> & { model: TableModel<Row> }) {
  const t = useTranslations('ui.table');
  const ids = model.rows.map(rowId);
  const all = ids.every((id) => selection?.selected.has(id));
  const cell =
    'eyebrow bg-surface-sunken border-border h-10 border-b px-3 first:pl-5 last:pr-5 whitespace-nowrap';
  return (
    <thead className="sticky top-(--sticky-top,0px) z-20 max-sm:hidden">
      <tr>
        {selection !== undefined && (
          <th scope="col" className={classNames(cell, 'w-10')}>
            <input
              type="checkbox"
              className="check-box"
              aria-label={t('selectAll')}
              checked={all}
              onChange={() => {
                const next = new Set(selection.selected);
                for (const id of ids) {
                  if (all) next.delete(id);
                  else next.add(id);
                }
                selection.onChange(next);
              }}
            />
          </th>
        )}
        {columns.map((column) => (
          <th
            key={column.id}
            scope="col"
            aria-sort={ariaSort(model.sortingOf(column))}
            className={classNames(cell, column.align === 'end' && 'text-right')}
          >
            <HeadText column={column} sorting={model.sortingOf(column)} />
          </th>
        ))}
        {rowActions !== undefined && (
          <th scope="col" className={classNames(cell, 'w-0')}>
            <span className="sr-only">{t('actions')}</span>
          </th>
        )}
      </tr>
    </thead>
  );
}

function ariaSort(sorting: ColumnSorting | undefined): 'ascending' | 'descending' | undefined {
  if (sorting === undefined || sorting.direction === false) return undefined;
  return sorting.direction === 'asc' ? 'ascending' : 'descending';
}

const sortIcons = { asc: ArrowUp, desc: ArrowDown, none: ChevronsUpDown };

function HeadText<Row>({ column, sorting }: { column: DataColumn<Row>; sorting: ColumnSorting | undefined }) {
  if (sorting === undefined)
    return <span className={classNames(column.hideHeader && 'sr-only')}>{column.header}</span>;
  const Icon = sortIcons[sorting.direction === false ? 'none' : sorting.direction];
  return (
    <button
      type="button"
      onClick={sorting.toggle}
      className={classNames(
        'hover:text-text -mx-1.5 inline-flex h-7 items-center gap-1 rounded-sm px-1.5 transition-colors',
        column.align === 'end' && 'flex-row-reverse',
        sorting.direction !== false && 'text-text',
      )}
    >
      {column.header}
      <Icon aria-hidden className={classNames('size-3.5', sorting.direction === false && 'opacity-50')} />
    </button>
  );
}

function BodyRow<Row extends object>({
  row,
  columns,
  rowId,
  rowHref,
  rowActions,
  selection,
  dense = false,
}: DataTableProps<Row> & { row: Row }) {
  const t = useTranslations('ui.table');
  const id = rowId(row);
  const href = rowHref?.(row);
  const selected = selection?.selected.has(id) === true;
  const title = columns.find((column) => column.phone === 'title') ?? columns[0];
  const pad = classNames('sm:px-3 sm:first:pl-5 sm:last:pr-5', dense ? 'sm:py-1.5' : 'sm:py-3');
  return (
    <tr
      className={classNames(
        'border-border relative sm:border-b sm:last:border-b-0',
        'max-sm:bg-surface max-sm:shadow-card max-sm:flex max-sm:flex-col max-sm:gap-1.5 max-sm:rounded-xl max-sm:border max-sm:p-4',
        selected ? 'bg-selected' : href !== undefined && 'hover:bg-hover/60 transition-colors',
      )}
    >
      {selection !== undefined && (
        <td className={classNames(pad, 'max-sm:absolute max-sm:top-5 max-sm:left-4')}>
          <input
            type="checkbox"
            className="check-box relative z-10"
            aria-label={t('selectRow', { name: id })}
            checked={selected}
            onChange={() => {
              const next = new Set(selection.selected);
              if (!next.delete(id)) next.add(id);
              selection.onChange(next);
            }}
          />
        </td>
      )}
      {columns.map((column) => (
        <td
          key={column.id}
          data-label={column === title || column.hideHeader === true ? undefined : column.header}
          className={classNames(
            pad,
            cellClasses(column, column === title),
            column === title && selection !== undefined && 'max-sm:pl-8',
            column.className,
          )}
        >
          {column === title && href !== undefined ? (
            <Link
              href={href}
              className="focus-visible:after:outline-focus after:absolute after:inset-0 hover:underline focus-visible:outline-none focus-visible:after:rounded-md focus-visible:after:outline-2 focus-visible:after:-outline-offset-2"
            >
              {column.cell(row)}
            </Link>
          ) : (
            column.cell(row)
          )}
        </td>
      ))}
      {rowActions !== undefined && (
        <td className={classNames(pad, 'max-sm:absolute max-sm:top-3 max-sm:right-3 sm:w-0')}>
          <div className="relative z-10 flex items-center justify-end gap-1">{rowActions(row)}</div>
        </td>
      )}
    </tr>
  );
}

/** What can be pressed inside a cell must lie above the link that covers the row. */
const above = '[&_a]:relative [&_a]:z-10 [&_button]:relative [&_button]:z-10';
const phoneLine =
  'max-sm:flex max-sm:items-center max-sm:justify-between max-sm:gap-4 max-sm:[&[data-label]]:before:content-[attr(data-label)] max-sm:[&[data-label]]:before:text-text-muted max-sm:[&[data-label]]:before:text-[0.8125rem] max-sm:[&[data-label]]:before:shrink-0 max-sm:[&[data-label]]:text-right';

function cellClasses<Row>(column: DataColumn<Row>, isTitle: boolean): string {
  if (isTitle) return 'font-medium max-sm:pr-20 max-sm:pb-1 max-sm:text-base';
  return classNames(
    above,
    column.align === 'end' && 'tabular sm:text-right',
    column.phone === 'hide' ? 'max-sm:hidden' : phoneLine,
  );
}

function PhoneSorting<Row>({ columns, model }: { columns: DataColumn<Row>[]; model: TableModel<Row> }) {
  const t = useTranslations('ui.table');
  const sortable = columns.filter((column) => column.sort !== undefined);
  if (sortable.length === 0 || model.page.total < 2) return null;
  const desc = model.sorted?.desc === true;
  const id = model.sorted?.id ?? '';
  return (
    <div className="mb-3 flex items-center gap-2 sm:hidden">
      <Select
        className="flex-1"
        aria-label={t('sorting')}
        value={id}
        {...(id === '' && { placeholder: t('sorting') })}
        options={sortable.map((column) => ({
          value: column.id,
          label: t('sortBy', { column: column.header }),
        }))}
        onChange={(event) => model.sortBy(event.target.value, desc)}
      />
      {id !== '' && (
        <IconButton
          variant="secondary"
          label={desc ? t('descending') : t('ascending')}
          icon={desc ? <ArrowDown /> : <ArrowUp />}
          onClick={() => model.sortBy(id, !desc)}
        />
      )}
    </div>
  );
}

function Pager<Row>({ model: { page } }: { model: TableModel<Row> }) {
  const t = useTranslations('ui.table');
  const format = useFormatter();
  const range = {
    from: format.number(page.from),
    to: format.number(page.to),
    total: format.number(page.total),
  };
  return (
    <div className="mt-3 flex items-center justify-end gap-2">
      <output className="text-text-muted tabular mr-1 text-[0.8125rem]">{t('page', range)}</output>
      <IconButton
        variant="secondary"
        size="sm"
        label={t('previous')}
        icon={<ChevronLeft />}
        disabled={page.previous === undefined}
        onClick={page.previous}
      />
      <IconButton
        variant="secondary"
        size="sm"
        label={t('next')}
        icon={<ChevronRight />}
        disabled={page.next === undefined}
        onClick={page.next}
      />
    </div>
  );
}

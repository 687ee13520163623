import { memo } from 'react';
import { classNames } from './class-names';
import { lookClasses, MatrixCellFace, MatrixSwatch } from './matrix-cell';
import type { MatrixCell, MatrixHead, MatrixSizes, MatrixZoom } from './matrix-model';

/** Id of the element at a place, so that the matrix can name the one the keys are at. */
export const placeId = (base: string, row: number, column: number) => `${base}-${row}-${column}`;

/** A row: its head, which stays at the left, and those of its cells that can be seen. */
export const MatrixRow = memo(function MatrixRow({
  base,
  row,
  index,
  from,
  to,
  zoom,
  sizes: { width, height, head, side },
  cell,
  columnId,
}: {
  base: string;
  row: MatrixHead;
  index: number;
  from: number;
  to: number;
  zoom: MatrixZoom;
  sizes: MatrixSizes;
  cell: (row: string, column: string) => MatrixCell;
  columnId: (index: number) => string;
}) {
  const roomy = zoom === 'large';
  const gap = zoom === 'small' ? 1 : 2;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className="absolute left-0 w-full"
      style={{ top: head + index * height, height }}
    >
      <div
        role="rowheader"
        tabIndex={-1}
        id={placeId(base, index, -1)}
        data-row={index}
        data-column={-1}
        aria-colindex={1}
        title={[row.name, row.note].filter(Boolean).join(' · ')}
        className="bg-surface border-border sticky left-0 z-10 flex h-full cursor-pointer items-center gap-1.5 border-r px-3 outline-none"
        style={{ width: side }}
      >
        <span
          className={classNames(
            'min-w-0 flex-1 truncate',
            zoom === 'small' ? 'text-[0.6875rem]' : 'text-[0.8125rem]',
          )}
        >
          {row.name}
        </span>
        {row.note !== undefined && zoom === 'large' && (
          <span className="text-text-muted max-w-2/5 shrink-0 truncate text-xs max-sm:hidden">
            {row.note}
          </span>
        )}
        {row.mark && (
          <span className={zoom === 'small' ? 'scale-60' : ''} title={row.mark.label}>
            <MatrixSwatch look={row.mark} />
            <span className="sr-only">{row.mark.label}</span>
          </span>
        )}
      </div>
      {Array.from({ length: to - from }, (_, offset) => {
        const column = from + offset;
        const id = columnId(column);
        const content = cell(row.id, id);
        return (
          <div
            key={id}
            role="gridcell"
            tabIndex={-1}
            id={placeId(base, index, column)}
            data-row={index}
            data-column={column}
            aria-colindex={column + 2}
            aria-label={content.label}
            className={classNames(
              'absolute top-0 flex cursor-pointer items-center justify-center gap-1.5 overflow-hidden outline-none',
              zoom === 'small' ? 'rounded-[2px]' : 'rounded-sm border',
              lookClasses(content),
            )}
            style={{ left: side + column * width, width: width - gap, height: height - gap }}
          >
            <MatrixCellFace cell={content} roomy={roomy} />
          </div>
        );
      })}
    </div>
  );
});

/** The heads of the columns, which stay at the top; on end where columns are narrow. */
export function MatrixHeads({
  base,
  columns,
  from,
  to,
  zoom,
  sizes: { width, head, side },
  corner,
}: {
  base: string;
  columns: readonly MatrixHead[];
  from: number;
  to: number;
  zoom: MatrixZoom;
  sizes: MatrixSizes;
  corner: string;
}) {
  const upright = zoom === 'large';
  return (
    <div
      role="row"
      aria-rowindex={1}
      className="bg-surface-sunken border-border sticky top-0 z-20 border-b"
      style={{ height: head }}
    >
      <div
        role="columnheader"
        aria-colindex={1}
        className="bg-surface-sunken border-border eyebrow sticky left-0 z-10 flex h-full items-end border-r px-3 pb-2"
        style={{ width: side }}
      >
        {corner}
      </div>
      {columns.slice(from, to).map(({ id, name, note, mark }, offset) => (
        <div
          key={id}
          role="columnheader"
          tabIndex={-1}
          id={placeId(base, -1, from + offset)}
          data-row={-1}
          data-column={from + offset}
          aria-colindex={from + offset + 2}
          title={[name, note].filter(Boolean).join(' ')}
          className={classNames(
            'absolute bottom-0 flex h-full cursor-pointer overflow-hidden outline-none',
            upright
              ? 'flex-col justify-end px-2 pb-2 text-[0.8125rem] leading-tight'
              : 'rotate-180 items-center gap-1.5 pt-2 [writing-mode:vertical-rl]',
            zoom === 'medium' && 'text-xs',
            zoom === 'small' && 'text-[0.6875rem] leading-none',
          )}
          style={{ left: side + (from + offset) * width, width }}
        >
          <span className="min-h-0 max-w-full truncate font-medium">{name}</span>
          {note !== undefined && <span className="text-text-muted tabular shrink-0">{note}</span>}
          {mark && <span className="sr-only">{mark.label}</span>}
        </div>
      ))}
    </div>
  );
}

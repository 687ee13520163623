'use client';

import { ZoomIn, ZoomOut } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useCallback, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { IconButton } from './icon-button';
import { MatrixShapes } from './matrix-cell';
import {
  fittingZoom,
  matrixZooms,
  placeAfter,
  type MatrixCell,
  type MatrixHead,
  type MatrixPlace,
  type MatrixSizes,
  type MatrixZoom,
} from './matrix-model';
import { MatrixHeads, MatrixRow, placeId } from './matrix-row';
import { Popover } from './popover';
import { useMatrixWindow } from './use-matrix-window';

export interface MatrixProps {
  label: string;
  /** What rows are, in the corner. */
  corner: string;
  rows: readonly MatrixHead[];
  columns: readonly MatrixHead[];
  /** What stands where a row and a column meet; memoise it, a new function draws all cells anew. */
  cell: (rowId: string, columnId: string) => MatrixCell;
  /** What the sheet of a cell tells; of a row or column when the other id is undefined. */
  renderDetail: (rowId: string | undefined, columnId: string | undefined, close: () => void) => ReactNode;
  /** Left of the buttons that zoom: a legend, filters. */
  tools?: ReactNode;
}

/**
 * Two things against each other, each meeting a small cell. Draws only what can be seen, so that it takes hundreds of
 * rows and columns. Arrow keys go from cell to cell and into the heads, Enter opens the sheet.
 */
export function Matrix({ label, corner, rows, columns, cell, renderDetail, tools }: MatrixProps) {
  const t = useTranslations('ui.matrix');
  const base = useId();
  const box = useRef<HTMLDivElement>(null);
  const [chosenZoom, setZoom] = useState<MatrixZoom>();
  const zoom = chosenZoom ?? fittingZoom(columns.length);
  const { sizes, window, show } = useMatrixWindow(box, zoom, rows.length, columns.length);
  const [place, setPlace] = useState<MatrixPlace>();
  const [pointed, setPointed] = useState<MatrixPlace>();
  const [open, setOpen] = useState(false);
  const counts = { rows: rows.length, columns: columns.length };
  const here = place && clamped(place, counts);
  const columnId = useCallback((index: number) => columns[index]?.id ?? '', [columns]);

  const go = (next: MatrixPlace) => {
    setPlace(next);
    show(next);
  };
  const press = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey || !here) return;
    // What is pressed in the open sheet arrives here too: React's child, though it lies elsewhere in the document.
    if (!(event.target instanceof Node && event.currentTarget.contains(event.target))) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      setOpen(true);
      return;
    }
    const next = placeAfter(event.key, event.ctrlKey, here, counts);
    if (!next) return;
    event.preventDefault();
    go(next);
  };
  const rowId = here && rows[here.row]?.id;
  const columnOfPlace = here && columns[here.column]?.id;
  const told = pointed ?? here;
  const saying = told && words(told, rows, columns, cell);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <MatrixShapes />
      <div className="flex flex-wrap items-end justify-between gap-3">
        <div className="min-w-0 flex-1">{tools}</div>
        <Zoom zoom={zoom} onZoom={setZoom} />
      </div>
      <div
        ref={box}
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length + 1}
        aria-activedescendant={here && placeId(base, here.row, here.column)}
        className="border-border bg-surface shadow-card relative max-h-[min(44rem,75dvh)] w-fit max-w-full overflow-auto rounded-xl border"
        onFocus={() => {
          if (!place && rows.length > 0 && columns.length > 0) setPlace({ row: 0, column: 0 });
        }}
        onKeyDown={press}
        onClick={(event) => {
          const at = placeOf(event.target);
          if (!at) return;
          setPlace(at);
          setOpen(true);
        }}
        onPointerMove={(event) => {
          const at = event.pointerType === 'mouse' ? placeOf(event.target) : undefined;
          setPointed((before) => (before?.row === at?.row && before?.column === at?.column ? before : at));
        }}
        onPointerLeave={() => setPointed(undefined)}
      >
        <div
          role="rowgroup"
          className="relative"
          style={{
            width: sizes.side + columns.length * sizes.width,
            height: sizes.head + rows.length * sizes.height,
          }}
        >
          <MatrixHeads
            base={base}
            columns={columns}
            from={window.columns[0]}
            to={Math.min(window.columns[1], columns.length)}
            zoom={zoom}
            sizes={sizes}
            corner={corner}
          />
          {rows.slice(...window.rows).map((row, offset) => (
            <MatrixRow
              key={row.id}
              base={base}
              row={row}
              index={window.rows[0] + offset}
              from={window.columns[0]}
              to={Math.min(window.columns[1], columns.length)}
              zoom={zoom}
              sizes={sizes}
              cell={cell}
              columnId={columnId}
            />
          ))}
          {pointed && <Strips place={pointed} sizes={sizes} />}
          <Popover
            open={open && here !== undefined}
            onOpenChange={setOpen}
            label={saying ?? label}
            onClosed={() => box.current?.focus({ preventScroll: true })}
            anchor={<Frame place={here} sizes={sizes} />}
          >
            {open && renderDetail(rowId, columnOfPlace, () => setOpen(false))}
          </Popover>
        </div>
      </div>
      <p aria-hidden className="text-text-muted min-h-5 truncate text-[0.8125rem]">
        {saying ?? t('hint')}
      </p>
    </div>
  );
}

function Zoom({ zoom, onZoom }: { zoom: MatrixZoom; onZoom: (zoom: MatrixZoom) => void }) {
  const t = useTranslations('ui.matrix');
  const index = matrixZooms.indexOf(zoom);
  const button = (to: MatrixZoom | undefined, label: string, icon: ReactNode, end: string) => (
    <IconButton
      variant="secondary"
      size="sm"
      label={label}
      icon={icon}
      onClick={() => to && onZoom(to)}
      {...(to === undefined && { disabledReason: end })}
    />
  );
  return (
    <div className="flex gap-1">
      {button(matrixZooms[index - 1], t('zoomOut'), <ZoomOut />, t('smallest'))}
      {button(matrixZooms[index + 1], t('zoomIn'), <ZoomIn />, t('largest'))}
    </div>
  );
}

/** Row and column of what the pointer is at. */
function Strips({ place: { row, column }, sizes: { head, side, width, height } }: PlaceProps) {
  return (
    <div aria-hidden className="pointer-events-none absolute inset-0 z-10">
      {row >= 0 && (
        <span
          className="bg-text/6 absolute inset-x-0"
          style={{ top: head + row * height, height: height - 1 }}
        />
      )}
      {column >= 0 && (
        <span
          className="bg-text/6 absolute inset-y-0"
          style={{ left: side + column * width, width: width - 1 }}
        />
      )}
    </div>
  );
}

interface PlaceProps {
  place: MatrixPlace;
  sizes: MatrixSizes;
}

/** Around the place the keys are at; its sheet points at it. */
function Frame({
  place,
  sizes: { head, side, width, height },
  ...rest
}: {
  place: MatrixPlace | undefined;
  sizes: MatrixSizes;
}) {
  const { row, column } = place ?? { row: -1, column: -1 };
  return (
    <span
      {...rest}
      aria-hidden
      className={`outline-focus pointer-events-none absolute z-10 rounded-sm ${place ? 'outline-2' : ''}`}
      style={{
        top: row < 0 ? 0 : head + row * height,
        left: column < 0 ? 0 : side + column * width,
        width: column < 0 ? side : width - 2,
        height: row < 0 ? head : height - 2,
      }}
    />
  );
}

function placeOf(target: EventTarget): MatrixPlace | undefined {
  if (!(target instanceof Element)) return undefined;
  const found = target.closest<HTMLElement>('[data-row]');
  return found ? { row: Number(found.dataset['row']), column: Number(found.dataset['column']) } : undefined;
}

/** A place that is still there after rows or columns went. */
function clamped(
  place: MatrixPlace,
  { rows, columns }: { rows: number; columns: number },
): MatrixPlace | undefined {
  if (rows === 0 || columns === 0) return undefined;
  return { row: Math.min(place.row, rows - 1), column: Math.min(place.column, columns - 1) };
}

function words(
  { row, column }: MatrixPlace,
  rows: readonly MatrixHead[],
  columns: readonly MatrixHead[],
  cell: MatrixProps['cell'],
): string | undefined {
  const [of, to] = [rows[row], columns[column]];
  if (of && to) return cell(of.id, to.id).label;
  const head = of ?? to;
  return head && [head.name, head.note, head.mark?.label].filter(Boolean).join(' · ');
}

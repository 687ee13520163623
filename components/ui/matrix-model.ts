import type { Tone } from './tone';

/** Shapes of cells, so that a meaning does not hang on colour alone (WCAG 1.4.1). */
export type MatrixSymbol =
  'alert' | 'check' | 'equals' | 'down' | 'up' | 'question' | 'cross' | 'minus' | 'wait' | 'run' | 'blank';

/** How a meaning looks; `loud` fills the whole cell with the colour, for what one searches for. */
export interface MatrixLook {
  symbol: MatrixSymbol;
  tone: Tone;
  loud?: boolean;
}

export interface MatrixCell extends MatrixLook {
  /** All of it in words: what a screen reader says, and the line below the matrix. */
  label: string;
  /** A few letters for cells that have room. */
  text?: string;
  /** From 0 to 1, for what is under way. */
  progress?: number;
}

/** The head of a row or a column. */
export interface MatrixHead {
  id: string;
  name: string;
  /** A second, quieter word: a version, a kind. */
  note?: string;
  /** Something about the whole row or column that must be seen. */
  mark?: MatrixLook & { label: string };
}

/** A place in the matrix, counted from 0; -1 is the head of a row or a column. */
export interface MatrixPlace {
  row: number;
  column: number;
}

export type MatrixZoom = 'large' | 'medium' | 'small';
export const matrixZooms: readonly MatrixZoom[] = ['small', 'medium', 'large'];

/** What a matrix measures, in CSS pixels. */
export interface MatrixSizes {
  /** Of one cell. */
  width: number;
  height: number;
  /** Height of the heads of columns, width of those of rows. */
  head: number;
  side: number;
}

const sizes: Record<MatrixZoom, MatrixSizes> = {
  large: { width: 112, height: 40, head: 60, side: 224 },
  medium: { width: 32, height: 32, head: 132, side: 200 },
  small: { width: 16, height: 16, head: 124, side: 168 },
};

/** A column wider than this says no more. */
const widest = 184;

/**
 * The sizes at a zoom, with heads of rows that leave a narrow screen to the cells, and wider columns where few of them
 * would leave it empty.
 *
 * @param available width of the box in CSS pixels
 */
export function sizesAt(zoom: MatrixZoom, available: number, columns: number): MatrixSizes {
  const size = sizes[zoom];
  const side = Math.min(size.side, Math.max(104, Math.round(available * 0.36)));
  if (zoom !== 'large') return { ...size, side };
  const each = Math.floor((available - side - 2) / Math.max(1, columns));
  return { ...size, side, width: Math.min(widest, Math.max(size.width, each)) };
}

/** The zoom at which most of so many columns can be seen at once. */
export function fittingZoom(columns: number): MatrixZoom {
  if (columns <= 8) return 'large';
  return columns <= 36 ? 'medium' : 'small';
}

/** What of a matrix is drawn: first and last (excluded) of rows and columns. */
export interface MatrixWindow {
  rows: readonly [number, number];
  columns: readonly [number, number];
}

/** Windows move in steps of so many cells, so that a small scroll draws nothing. */
const step = 8;

/**
 * What has to be drawn of a matrix, a little more than can be seen.
 *
 * @param view the box: where it is scrolled to, and its size, in CSS pixels
 */
export function windowOf(
  view: { left: number; top: number; width: number; height: number },
  { width, height, head, side }: MatrixSizes,
  counts: { rows: number; columns: number },
): MatrixWindow {
  return {
    rows: span(view.top, view.height - head, height, counts.rows),
    columns: span(view.left, view.width - side, width, counts.columns),
  };
}

function span(from: number, length: number, size: number, count: number): [number, number] {
  const first = Math.floor(from / size / step) * step - step;
  const last = Math.ceil((from + Math.max(0, length)) / size / step) * step + step;
  return [Math.min(Math.max(0, first), count), Math.min(Math.max(0, last), count)];
}

export function sameWindow(one: MatrixWindow, other: MatrixWindow): boolean {
  return (
    one.rows[0] === other.rows[0] &&
    one.rows[1] === other.rows[1] &&
    one.columns[0] === other.columns[0] &&
    one.columns[1] === other.columns[1]
  );
}

/** Rows that Page Up and Page Down go. */
const page = 10;

/**
 * Where a key leads from a place (ARIA Authoring Practices, "Grid").
 *
 * @returns undefined for a key that moves nothing
 */
export function placeAfter(
  key: string,
  whole: boolean,
  { row, column }: MatrixPlace,
  { rows, columns }: { rows: number; columns: number },
): MatrixPlace | undefined {
  const at = (to: MatrixPlace) => {
    const next = {
      row: Math.min(Math.max(-1, to.row), rows - 1),
      column: Math.min(Math.max(-1, to.column), columns - 1),
    };
    // The corner between the heads holds nothing.
    return next.row === -1 && next.column === -1 ? { row, column } : next;
  };
  switch (key) {
    case 'ArrowUp':
      return at({ row: row - 1, column });
    case 'ArrowDown':
      return at({ row: row + 1, column });
    case 'ArrowLeft':
      return at({ row, column: column - 1 });
    case 'ArrowRight':
      return at({ row, column: column + 1 });
    case 'PageUp':
      return at({ row: Math.max(0, row - page), column });
    case 'PageDown':
      return at({ row: row + page, column });
    case 'Home':
      return at({ row: whole ? 0 : row, column: 0 });
    case 'End':
      return at({ row: whole ? rows - 1 : row, column: columns - 1 });
    default:
      return undefined;
  }
}

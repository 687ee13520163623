'use client';

import { useLayoutEffect, useState, type RefObject } from 'react';
import {
  sameWindow,
  sizesAt,
  windowOf,
  type MatrixPlace,
  type MatrixSizes,
  type MatrixWindow,
  type MatrixZoom,
} from './matrix-model';

/**
 * Which part of a matrix is on screen, and bringing a place there.
 *
 * @param box what scrolls
 */
export function useMatrixWindow(
  box: RefObject<HTMLElement | null>,
  zoom: MatrixZoom,
  rows: number,
  columns: number,
): { sizes: MatrixSizes; window: MatrixWindow; show: (place: MatrixPlace) => void } {
  const [width, setWidth] = useState(960);
  const sizes = sizesAt(zoom, width, columns);
  const { width: cellWidth, height: cellHeight, head, side } = sizes;
  const [drawn, setDrawn] = useState<MatrixWindow>({
    rows: [0, Math.min(rows, 40)],
    columns: [0, Math.min(columns, 40)],
  });
  // Before the browser paints: other sizes at the same scroll show another part.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const size = { width: cellWidth, height: cellHeight, head, side };
    const look = () => {
      const view = {
        left: element.scrollLeft,
        top: element.scrollTop,
        width: element.clientWidth,
        height: element.clientHeight,
      };
      const next = windowOf(view, size, { rows, columns });
      setDrawn((before) => (sameWindow(before, next) ? before : next));
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    const observer = new ResizeObserver(() => {
      // The box itself is as narrow as a small matrix; what it could have is the width of what holds it.
      setWidth(element.parentElement?.clientWidth ?? element.clientWidth);
      look();
    });
    observer.observe(element.parentElement ?? element);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      observer.disconnect();
    };
  }, [box, cellWidth, cellHeight, head, side, rows, columns]);

  const show = ({ row, column }: MatrixPlace) => {
    const element = box.current;
    if (!element) return;
    if (row >= 0) {
      const top = row * cellHeight;
      const room = element.clientHeight - head - cellHeight;
      element.scrollTop = Math.min(Math.max(element.scrollTop, top - room), top);
    }
    if (column >= 0) {
      const left = column * cellWidth;
      const room = element.clientWidth - side - cellWidth;
      element.scrollLeft = Math.min(Math.max(element.scrollLeft, left - room), left);
    }
  };
  return { sizes, window: drawn, show };
}

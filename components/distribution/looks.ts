import type { CellStand, CellState } from '@/server/operations/distribution/schemas';
import type { MatrixLook } from '../ui/matrix-model';

/** How a release stands at an edge before anything moves. What asks for nothing is quiet. */
export const standLooks: Record<CellStand, MatrixLook> = {
  present: { symbol: 'check', tone: 'success' },
  missing: { symbol: 'down', tone: 'accent', loud: true },
  older: { symbol: 'up', tone: 'warning', loud: true },
  unknown: { symbol: 'question', tone: 'info' },
  impossible: { symbol: 'cross', tone: 'danger', loud: true },
};

/** How far a cell of a run is. */
export const stateLooks: Record<CellState, MatrixLook> = {
  waiting: { symbol: 'wait', tone: 'neutral' },
  running: { symbol: 'run', tone: 'accent' },
  done: { symbol: 'check', tone: 'success' },
  skipped: { symbol: 'equals', tone: 'neutral' },
  failed: { symbol: 'cross', tone: 'danger', loud: true },
  cancelled: { symbol: 'minus', tone: 'warning' },
};

/** Where an edge gave no answer. */
export const edgeTrouble: MatrixLook = { symbol: 'cross', tone: 'danger' };

/** Where what is planned for an edge does not fit. */
export const edgeFull: MatrixLook = { symbol: 'alert', tone: 'danger', loud: true };

/** Nothing was asked of this release at this edge. */
export const noCell: MatrixLook = { symbol: 'blank', tone: 'neutral' };

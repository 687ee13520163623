import { classNames } from './class-names';
import type { MatrixCell, MatrixLook, MatrixSymbol } from './matrix-model';
import { toneClasses, type Tone } from './tone';

/** Strokes in a square of 16: they must still differ when drawn 10 pixels wide. */
const strokes: Record<MatrixSymbol, string> = {
  alert: 'M8 3v6.5M8 13v.2',
  check: 'M3 8.5 6.5 12 13 4.5',
  equals: 'M3 6h10M3 10.5h10',
  down: 'M8 3v9M3.5 8 8 12.5 12.5 8',
  up: 'M8 13V4M3.5 8 8 3.5 12.5 8',
  question: 'M5 5.8C5 2.4 11 2.4 11 5.8 11 8 8 8 8 10M8 13v.2',
  cross: 'M4 4l8 8M12 4l-8 8',
  minus: 'M3 8h10',
  wait: 'M4 8h.1M8 8h.1M12 8h.1',
  run: 'M5 3l8 5-8 5z',
  blank: '',
};

const idOf = (symbol: MatrixSymbol) => `matrix-${symbol}`;

/** Holds the shapes once per page, so that thousands of cells need but a reference each. */
export function MatrixShapes() {
  return (
    <svg aria-hidden width="0" height="0" className="absolute">
      {(Object.keys(strokes) as MatrixSymbol[]).map((symbol) => (
        <symbol key={symbol} id={idOf(symbol)} viewBox="0 0 16 16">
          <path
            d={strokes[symbol]}
            fill="none"
            stroke="currentColor"
            strokeWidth="2.2"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </symbol>
      ))}
    </svg>
  );
}

const loud: Record<Tone, string> = {
  neutral: 'bg-border-strong text-surface',
  accent: 'bg-accent text-accent-contrast',
  success: 'bg-success text-surface',
  warning: 'bg-warning text-surface',
  danger: 'bg-danger text-surface',
  info: 'bg-info text-surface',
};

export const lookClasses = (look: MatrixLook) => (look.loud === true ? loud : toneClasses)[look.tone];

/** A shape alone, in the text's colour. */
export function MatrixShape({ symbol, className }: { symbol: MatrixSymbol; className?: string }) {
  return (
    <svg aria-hidden className={classNames('shrink-0', className ?? 'size-4')}>
      <use href={`#${idOf(symbol)}`} />
    </svg>
  );
}

/** A cell as it looks: in legends, in lists, in the matrix. */
export function MatrixSwatch({ look }: { look: MatrixLook }) {
  return (
    <span
      className={classNames(
        'inline-grid size-5 shrink-0 place-items-center rounded-sm border',
        lookClasses(look),
      )}
    >
      <MatrixShape symbol={look.symbol} className="size-3" />
    </span>
  );
}

/** What stands in a cell of the matrix. @param roomy whether there is room for its letters */
export function MatrixCellFace({ cell, roomy }: { cell: MatrixCell; roomy: boolean }) {
  return (
    <>
      {cell.progress !== undefined && (
        <span
          className="bg-accent-line absolute inset-y-0 left-0"
          style={{ width: `${Math.min(1, Math.max(0.04, cell.progress)) * 100}%` }}
        />
      )}
      <MatrixShape
        symbol={cell.symbol}
        className={classNames('relative', roomy ? 'size-3.5' : 'size-[62%]')}
      />
      {roomy && cell.text !== undefined && (
        <span className="tabular relative truncate text-xs font-medium">{cell.text}</span>
      )}
    </>
  );
}

/** One measured line of the report. */
export interface Measure {
  work: string;
  ours: string;
  theirs: string;
  /** Ours divided by theirs, or ours alone where there is nobody to compare with. */
  ratio: number;
  /** Whether a larger ratio is better, and the bound of DESIGN's targets. */
  target: { atLeast: number } | { atMost: number };
}

/** Whether a measure meets its target. */
export function meets(measure: Measure): boolean {
  return 'atLeast' in measure.target
    ? measure.ratio >= measure.target.atLeast
    : measure.ratio <= measure.target.atMost;
}

/** The report as text, a line a measure. */
export function reportOf(measures: readonly Measure[]): string {
  const rows = measures.map((measure) => {
    const target =
      'atLeast' in measure.target
        ? `≥ ${rounded(measure.target.atLeast)}`
        : `≤ ${rounded(measure.target.atMost)}`;
    return [
      meets(measure) ? 'meets ' : 'MISSES',
      measure.work.padEnd(44),
      measure.ours.padStart(16),
      measure.theirs.padStart(16),
      measure.ratio.toFixed(2).padStart(8),
      target.padStart(8),
    ].join('  ');
  });
  const head = [
    '      ',
    'work'.padEnd(44),
    'ours'.padStart(16),
    'theirs'.padStart(16),
    'ratio'.padStart(8),
    'target'.padStart(8),
  ];
  return [head.join('  '), ...rows].join('\n');
}

/** The best of several runs by a figure: other work on the machine only ever makes a run worse. */
export async function bestOf<T>(
  runs: number,
  run: () => Promise<T>,
  better: (a: T, b: T) => boolean,
): Promise<T> {
  let best = await run();
  for (let i = 1; i < runs; i += 1) {
    const next = await run();
    if (better(next, best)) best = next;
  }
  return best;
}

/** The middle of several figures. */
export function medianOf(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

function rounded(bound: number): string {
  return String(Math.round(bound * 100) / 100);
}

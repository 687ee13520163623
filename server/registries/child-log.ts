/** Keeps the last lines a child process wrote. */
export interface ChildLog {
  /** Takes what came; lines may be cut anywhere. */
  take(chunk: string): void;
  lines(): { at: number; line: string }[];
  /** The last few lines in one text; undefined when there are none. */
  lastWords(): string | undefined;
}

const mostLines = 200;
const longestLine = 1000;

/** @param heard is told every whole line */
export function childLog(heard: (line: string) => void): ChildLog {
  const kept: { at: number; line: string }[] = [];
  let rest = '';
  const keep = (line: string) => {
    if (line.trim() === '') return;
    const short = line.slice(0, longestLine);
    kept.push({ at: Date.now(), line: short });
    if (kept.length > mostLines) kept.shift();
    heard(short);
  };
  return {
    take(chunk) {
      const parts = (rest + chunk).split('\n');
      rest = (parts.pop() ?? '').slice(0, longestLine);
      parts.forEach(keep);
    },
    lines: () => [...kept],
    lastWords: () =>
      kept
        .slice(-3)
        .map(({ line }) => line)
        .join('\n') || undefined,
  };
}

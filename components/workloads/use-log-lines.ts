'use client';

import { useEffect, useState } from 'react';
import type { ProblemReport } from '@/server/problem';
import { problemOf } from '../api/problem-of';

/** Lines kept on the page; those before them went by. */
const keptLines = 2000;

export interface LogLines {
  lines: readonly string[];
  /** Whether lines still come. */
  following: boolean;
  problem: ProblemReport | undefined;
}

/** Begins to read a container's output; ends with the signal. */
export type ReadLog = (
  source: { part: string; container: string },
  signal: AbortSignal,
) => Promise<AsyncIterable<string>>;

const none: LogLines = { lines: [], following: false, problem: undefined };

/**
 * The output of a container, as it comes.
 *
 * @param readLog memoise it: a new function reads anew
 * @param source undefined follows nothing
 * @param round another number begins anew
 */
export function useLogLines(
  readLog: ReadLog,
  source: { part: string; container: string } | undefined,
  round: number,
): LogLines {
  const [read, setRead] = useState<LogLines & { of: string }>({ ...none, of: '' });
  const { part, container } = source ?? {};
  const of = source === undefined ? '' : `${part} ${container} ${round}`;
  useEffect(() => {
    if (part === undefined || container === undefined) return undefined;
    const stop = new AbortController();
    const change = (next: (before: LogLines) => Partial<LogLines>) => {
      if (stop.signal.aborted) return;
      setRead((before) => {
        const base = before.of === of ? before : none;
        return { ...base, ...next(base), of };
      });
    };
    const follow = async () => {
      change(() => ({ following: true }));
      const lines = await readLog({ part, container }, stop.signal);
      const batch = batched((some) =>
        change((before) => ({ lines: [...before.lines, ...some].slice(-keptLines) })),
      );
      for await (const line of lines) batch.add(line);
      batch.flush();
      change(() => ({ following: false }));
    };
    follow().catch((error: unknown) => change(() => ({ following: false, problem: problemOf(error) })));
    return () => stop.abort();
  }, [readLog, part, container, of]);
  return read.of === of ? read : none;
}

/** Hands lines on together: a container that writes fast would draw the page for every one. */
function batched(take: (lines: string[]) => void) {
  let waiting: string[] = [];
  const flush = () => {
    if (waiting.length === 0) return;
    const lines = waiting;
    waiting = [];
    take(lines);
  };
  return {
    add: (line: string) => {
      if (waiting.length === 0) requestAnimationFrame(flush);
      waiting.push(line);
    },
    flush,
  };
}

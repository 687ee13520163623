'use client';

import { useEffect, useRef, useState } from 'react';
import type { ProblemReport } from '@/server/problem';
import { problemOf } from '../api/problem-of';

interface Run<Light> {
  /** What was tested, to see whether the form was changed since. */
  tested: string;
  lights: Light[];
  state: 'running' | 'over' | 'cancelled';
  problem: ProblemReport | undefined;
}

/**
 * A test of what stands in a form: its lights as they come, kept with what was tested so that a later change is seen.
 * Leaving the page ends it.
 *
 * @param ask starts the test at the server; ends with the signal
 * @param textOf what of the form is tested, as one text
 */
export function useLights<Values, Light extends { state: string }>(
  ask: (values: Values, signal: AbortSignal) => Promise<AsyncIterable<Light>>,
  textOf: (values: Values) => string,
) {
  const [run, setRun] = useState<Run<Light>>();
  const ending = useRef<AbortController>(undefined);
  useEffect(() => () => ending.current?.abort(), []);

  const start = async (values: Values) => {
    ending.current?.abort();
    const mine = new AbortController();
    ending.current = mine;
    // A test that was ended or followed by another one changes nothing any more.
    const change = (part: Partial<Run<Light>>) => {
      if (!mine.signal.aborted) setRun((last) => last && { ...last, ...part });
    };
    setRun({ tested: textOf(values), lights: [], state: 'running', problem: undefined });
    const lights: Light[] = [];
    try {
      for await (const light of await ask(values, mine.signal)) {
        lights.push(light);
        change({ lights: [...lights] });
      }
      change({ state: 'over' });
    } catch (error) {
      change({ state: 'over', problem: problemOf(error) });
    }
  };
  const whole = run?.state === 'over' && run.problem === undefined;
  const same = (values: Values) => run?.tested === textOf(values);
  return {
    run: (values: Values) => void start(values),
    cancel: () => {
      ending.current?.abort();
      setRun((last) => last && { ...last, state: 'cancelled' });
    },
    busy: run?.state === 'running',
    cancelled: run?.state === 'cancelled',
    problem: run?.problem,
    lights: run?.lights,
    /** Whether these very values were tested, and nothing failed. */
    passed: (values: Values) =>
      whole && same(values) && run.lights.every(({ state }) => state === 'ok' || state === 'warn'),
    /** Whether these very values were tested, and something failed. */
    failed: (values: Values) => same(values) && run?.lights.some(({ state }) => state === 'failed') === true,
    stale: (values: Values) => run !== undefined && !same(values),
  };
}

'use client';

import { useEffect, useRef, useState } from 'react';
import type { ProblemReport } from '@/server/problem';
import type { Light } from '@/server/sites/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPCClient } from '../api/trpc-provider';
import { loginOf, type SiteForm } from './site-form';

interface Run {
  /** What was tested, to see whether the form was changed since. */
  tested: string;
  lights: Light[];
  state: 'running' | 'over' | 'cancelled';
  problem: ProblemReport | undefined;
}

/**
 * A test of what stands in the form: its lights as they come, kept with what was tested so that a later change is
 * seen. Leaving the page ends it.
 *
 * @param siteId the site whose stored secret stands in for an empty one; undefined for a new site
 */
export function useConnectionTest(siteId: string | undefined) {
  const client = useTRPCClient();
  const [run, setRun] = useState<Run>();
  const ending = useRef<AbortController>(undefined);
  useEffect(() => () => ending.current?.abort(), []);

  const start = async (values: SiteForm) => {
    ending.current?.abort();
    const mine = new AbortController();
    ending.current = mine;
    // A test that was ended or followed by another one changes nothing any more.
    const change = (part: Partial<Run>) => {
      if (!mine.signal.aborted) setRun((last) => last && { ...last, ...part });
    };
    setRun({ tested: loginText(values), lights: [], state: 'running', problem: undefined });
    const lights: Light[] = [];
    try {
      const coming = await client.sites.examine.mutate(
        { kind: 'openstack', ...(siteId !== undefined && { siteId }), ...loginOf(values) },
        { signal: mine.signal, context: { streamed: true } },
      );
      for await (const light of coming) {
        lights.push(light);
        change({ lights: [...lights] });
      }
      change({ state: 'over' });
    } catch (error) {
      change({ state: 'over', problem: problemOf(error) });
    }
  };
  const whole = run?.state === 'over' && run.problem === undefined;
  const same = (values: SiteForm) => run?.tested === loginText(values);
  return {
    run: (values: SiteForm) => void start(values),
    cancel: () => {
      ending.current?.abort();
      setRun((last) => last && { ...last, state: 'cancelled' });
    },
    busy: run?.state === 'running',
    cancelled: run?.state === 'cancelled',
    problem: run?.problem,
    lights: run?.lights,
    /** Whether these very values were tested, and nothing failed. */
    passed: (values: SiteForm) =>
      whole && same(values) && run.lights.every(({ state }) => state === 'ok' || state === 'warn'),
    /** Whether these very values were tested, and something failed. */
    failed: (values: SiteForm) =>
      same(values) && run?.lights.some(({ state }) => state === 'failed') === true,
    stale: (values: SiteForm) => run !== undefined && !same(values),
  };
}
export type ConnectionTest = ReturnType<typeof useConnectionTest>;

function loginText(values: SiteForm): string {
  return JSON.stringify(loginOf(values));
}

'use client';

import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ReleasePlan } from '@/server/operations/deployments/schemas';
import type { EdgeView } from '@/server/operations/edges/schemas';
import type { ProblemReport } from '@/server/problem';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';

/** Edges that are planned on the page; further ones are looked at when the deployment starts. */
export const mostPlans = 20;

/** What a release would become at an edge, or why that is not known. */
export interface EdgePlan {
  edge: EdgeView;
  plan: ReleasePlan | undefined;
  problem: ProblemReport | undefined;
  /** Whether an answer to what stands in the form now is on its way. */
  asking: boolean;
}

/**
 * What a release would become at each edge, as each answers.
 *
 * @param values YAML over a chart's defaults
 */
export function useReleasePlans(releaseId: string, edges: readonly EdgeView[], values: string): EdgePlan[] {
  const trpc = useTRPC();
  const asked = edges.slice(0, mostPlans);
  // Values may be longer than an address; without them each edge answers in its own time.
  const context = values === '' ? { streamed: true } : { posted: true };
  const results = useQueries({
    queries: asked.map(({ id }) =>
      trpc.deployments.planRelease.queryOptions(
        { releaseId, edgeId: id, values },
        { placeholderData: keepPreviousData, retry: false, trpc: { context } },
      ),
    ),
  });
  return useMemo(
    () =>
      results.flatMap(({ data, error, isFetching }, index) => {
        const edge = asked[index];
        if (!edge) return [];
        const problem = error === null ? undefined : problemOf(error);
        return [{ edge, plan: problem === undefined ? data : undefined, problem, asking: isFetching }];
      }),
    [results, asked],
  );
}

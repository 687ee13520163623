'use client';

import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC, useTRPCClient } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ErrorState } from '../ui/error-state';
import { Spinner } from '../ui/spinner';
import { QueryView } from '../workbench/query-view';
import type { Chosen } from './new-distribution';
import { PlanMatrix } from './plan-matrix';
import { PlanSummary } from './plan-summary';
import { useMayOperate } from './use-may-operate';

// Many ids are longer than an address may be.
const posted = { posted: true };

/** The plan of a choice: what is where, what it costs, and its start. */
export function PlanView({
  chosen,
  onLeaveOut,
}: {
  chosen: Chosen;
  onLeaveOut: (edgeIds: string[]) => void;
}) {
  const t = useTranslations('distributionPages.plan');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const mayStart = useMayOperate();
  const options = trpc.distributions.plan.queryOptions(chosen, {
    placeholderData: keepPreviousData,
    // What edges told is true for a while only.
    staleTime: 0,
    refetchOnWindowFocus: false,
    trpc: { context: posted },
  });
  const query = useQuery(options);
  const again = useAskAgain(chosen, options.queryKey);
  const [anyway, setAnyway] = useState(false);
  // Where everything fits by now nobody sees the box that was ticked.
  const sentAnyway = anyway && query.data?.edges.some(({ fits }) => !fits) === true;
  const requestKey = useRequestKey(JSON.stringify([chosen, sentAnyway]));
  const start = useMutation(
    trpc.distributions.start.mutationOptions({
      onSuccess: async ({ id }) => {
        await queries.invalidateQueries(trpc.distributions.list.pathFilter());
        router.push(`/operations/distributions/${id}`);
      },
    }),
  );
  const asking = again.isPending || query.isPlaceholderData;
  return (
    <QueryView query={query} pending={<Asking edges={chosen.edgeIds.length} />}>
      {(plan) => (
        <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_21rem]">
          <section className="flex min-w-0 flex-col gap-3" aria-label={t('title')} aria-busy={asking}>
            <div className="flex flex-wrap items-center justify-between gap-3">
              <h2 className="text-[0.9375rem] font-semibold">{t('title')}</h2>
              <Button size="sm" icon={<RefreshCw />} busy={asking} onClick={() => again.mutate()}>
                {t('askAgain')}
              </Button>
            </div>
            {again.error && <ErrorState problem={problemOf(again.error)} compact />}
            <PlanMatrix plan={plan} />
          </section>
          <PlanSummary
            plan={plan}
            mayStart={mayStart}
            busy={start.isPending || start.isSuccess}
            anyway={anyway}
            onAnyway={setAnyway}
            onStart={() => start.mutate({ ...chosen, anyway: sentAnyway, requestKey })}
            onLeaveOut={onLeaveOut}
          >
            {start.error && <ErrorState problem={problemOf(start.error)} compact />}
          </PlanSummary>
        </div>
      )}
    </QueryView>
  );
}

/** One key for a choice: a double click, or a try again after a lost answer, starts it once; another choice is new. */
function useRequestKey(choice: string): string {
  const [kept, keep] = useState(() => ({ choice, key: newRequestKey() }));
  if (kept.choice !== choice) keep({ choice, key: newRequestKey() });
  return kept.key;
}

/** Asks every edge anew, past what it told lately. */
function useAskAgain(chosen: Chosen, queryKey: readonly unknown[]) {
  const client = useTRPCClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => client.distributions.plan.query({ ...chosen, fresh: true }, { context: posted }),
    onSuccess: (plan) => queries.setQueryData(queryKey, plan),
  });
}

function Asking({ edges }: { edges: number }) {
  const t = useTranslations('distributionPages.plan');
  return (
    <Card>
      <p role="status" className="text-text-muted flex items-center gap-3">
        <Spinner className="size-5" />
        {t('asking', { count: edges })}
      </p>
    </Card>
  );
}

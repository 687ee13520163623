'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { toast } from 'sonner';
import type { CellChoice, RetryChoice } from '@/server/operations/distribution/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC, useTRPCClient } from '../api/trpc-provider';
import { useProblemText } from '../ui/error-state';

/** Tries cells of a distribution again, or stops them. What the server says against it comes as a toast. */
export function useRunActs(id: string) {
  const t = useTranslations('distributionPages.run');
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const say = useProblemText();
  const onSettled = () => queries.invalidateQueries(trpc.distributions.pathFilter());
  const onError = (error: unknown) => {
    toast.error(say(problemOf(error)));
  };
  const retry = useMutation({
    mutationFn: async ({ choices }: { choices: readonly RetryChoice[]; cells: number }) => {
      for (const choice of choices) await client.distributions.retry.mutate({ id, choice });
    },
    // The server answers with the jobs that begin now; an edge's others follow.
    onSuccess: (_done, { cells }) => toast.success(t('retried', { count: cells })),
    onError,
    onSettled,
  });
  const cancel = useMutation(
    trpc.distributions.cancel.mutationOptions({
      onSuccess: () => toast(t('cancelling')),
      onError,
      onSettled,
    }),
  );
  const isAnyway = retry.variables?.choices.some(({ anyway }) => anyway === true) === true;
  return {
    /** @param cells how many cells the choices name that failed or were cancelled */
    retry: (choices: readonly RetryChoice[], cells: number) => retry.mutate({ choices, cells }),
    retrying: retry.isPending && !isAnyway,
    sendingAnyway: retry.isPending && isAnyway,
    cancel: (choice: CellChoice) => cancel.mutate({ id, choice }),
    cancelAll: () => cancel.mutateAsync({ id, choice: {} }),
    cancelling: cancel.isPending,
  };
}

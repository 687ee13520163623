import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { toast } from 'sonner';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { useProblemText } from '../ui/error-state';

/** Has an edge looked at now, and says what was found. */
export function useCheck() {
  const t = useTranslations('edgePages.edge');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const say = useProblemText();
  return useMutation(
    trpc.edges.check.mutationOptions({
      onSuccess: async ({ name, health }) => {
        const found = t('checked', { name, state: health.state });
        if (health.state === 'unwell') toast.warning(found);
        else toast.success(found);
        await Promise.all([
          queries.invalidateQueries(trpc.edges.pathFilter()),
          queries.invalidateQueries(trpc.overview.pathFilter()),
        ]);
      },
      onError: (error) => void toast.error(say(problemOf(error))),
    }),
  );
}

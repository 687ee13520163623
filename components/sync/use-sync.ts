import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { toast } from 'sonner';
import { problemOf } from '../api/problem-of';
import { useTRPC, useTRPCClient } from '../api/trpc-provider';
import { useProblemText } from '../ui/error-state';

/** How many releases one request takes. */
const most = 400;

/** Starts to sync releases, as many as one likes. @param onStarted all of them were started */
export function useSync(onStarted?: () => void) {
  const t = useTranslations('syncPages.releases');
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const say = useProblemText();
  return useMutation({
    mutationFn: async (ids: readonly string[]) => {
      let started = 0;
      for (let at = 0; at < ids.length; at += most) {
        // oxlint-disable-next-line no-await-in-loop -- in turn: all at once would be no smaller than one request
        const jobs = await client.sync.start.mutate({ releaseIds: ids.slice(at, at + most) });
        started += jobs.length;
      }
      return started;
    },
    onSuccess: (count) => {
      toast.success(t('started', { count }));
      onStarted?.();
    },
    onError: (error) => void toast.error(say(problemOf(error))),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries(trpc.sync.pathFilter()),
        queries.invalidateQueries(trpc.jobs.pathFilter()),
      ]),
  });
}

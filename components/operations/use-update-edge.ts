import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { toast } from 'sonner';
import { useTRPC } from '../api/trpc-provider';

/** Changes what is known of an edge. @param onDone it is changed */
export function useUpdateEdge(onDone: () => void) {
  const t = useTranslations('edgePages.edge');
  const trpc = useTRPC();
  const queries = useQueryClient();
  return useMutation(
    trpc.edges.update.mutationOptions({
      onSuccess: async ({ name }) => {
        toast.success(t('saved', { name }));
        await Promise.all([
          queries.invalidateQueries(trpc.edges.pathFilter()),
          queries.invalidateQueries(trpc.overview.pathFilter()),
        ]);
        onDone();
      },
    }),
  );
}

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTRPC, useTRPCClient } from '../api/trpc-provider';
import { merged, type Run } from './run-model';

/** A distribution while it runs: all its cells once, and with each notice only those that changed. */
export function useRun(id: string) {
  const client = useTRPCClient();
  const queries = useQueryClient();
  const queryKey: readonly unknown[] = useTRPC().distributions.run.queryKey({ id });
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const before = queries.getQueryData<Run>(queryKey);
      const since = before?.version ?? 0;
      return merged(before, await client.distributions.run.query({ id, since }, { signal }));
    },
    // Thousands of cells are not compared one by one: they are new whenever the server was asked.
    structuralSharing: false,
  });
}

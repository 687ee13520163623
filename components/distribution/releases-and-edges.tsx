'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { EdgeView } from '@/server/operations/edges/schemas';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import { useTRPC } from '../api/trpc-provider';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';

/** What a page shows that brings releases to edges, once both are known. @param loading says what is waited for */
export function ReleasesAndEdges({
  loading,
  children,
}: {
  loading: string;
  children: (releases: readonly SyncedRelease[], edges: readonly EdgeView[]) => ReactNode;
}) {
  const trpc = useTRPC();
  const releases = useQuery(trpc.sync.releases.queryOptions({}));
  const edges = useQuery(trpc.edges.list.queryOptions());
  const pending = <SkeletonRows label={loading} />;
  return (
    <QueryView query={releases} pending={pending}>
      {(allReleases) => (
        <QueryView query={edges} pending={pending}>
          {(allEdges) => children(allReleases, allEdges)}
        </QueryView>
      )}
    </QueryView>
  );
}

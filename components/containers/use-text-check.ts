'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { TextContent } from '@/server/containers/schemas';
import { useTRPC } from '../api/trpc-provider';
import { useSettled } from '../api/use-settled';

/** Rest after which what is typed is looked through, in milliseconds. */
const rest = 500;

/**
 * What is wrong with a deployment text while it is edited, and which images it names.
 *
 * @param content what the editor holds; undefined: what is stored
 * @returns the query, and whether its answer is of an older text than `content`
 */
export function useTextCheck(projectId: string, content: TextContent | undefined) {
  const trpc = useTRPC();
  const settled = useSettled(content, rest);
  const query = useQuery(
    trpc.containers.text.check.queryOptions(
      { projectId, ...(settled && { content: settled }) },
      {
        placeholderData: keepPreviousData,
        // Every pause in typing makes a key; a text can be large.
        gcTime: 10_000,
        trpc: { context: { posted: true } },
      },
    ),
  );
  return { query, old: settled !== content || query.isPlaceholderData };
}

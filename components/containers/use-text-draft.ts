'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useMemo, useState } from 'react';
import { toast } from 'sonner';
import type { DeploymentText, TextContent } from '@/server/containers/schemas';
import { useTRPC } from '../api/trpc-provider';

interface Draft {
  /** What was typed, by path; manifests have the path ''. */
  edits: Readonly<Record<string, string>>;
  /** `updatedAt` of the text that is edited; null for the first of all. */
  basedOn: number | null;
}

/**
 * A deployment text while somebody edits it.
 *
 * @param stored what is saved; null before anything was
 */
export function useTextDraft(projectId: string, stored: DeploymentText | null) {
  const t = useTranslations('containerPages.deployment');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>();
  const text = trpc.containers.text.get.queryOptions({ projectId });
  const save = useMutation(
    trpc.containers.text.save.mutationOptions({
      onSuccess: async (saved) => {
        setDraft(undefined);
        queries.setQueryData(text.queryKey, saved);
        toast.success(t('saved'));
        await queries.invalidateQueries(trpc.containers.text.pathFilter());
      },
    }),
  );
  const savedText = (path: string) =>
    (stored?.kind === 'chart' ? stored.files.find((file) => file.path === path)?.text : stored?.text) ?? '';
  const changed = Object.entries(draft?.edits ?? {}).filter(([path, value]) => value !== savedText(path));
  const dirty = changed.length > 0;
  const basedOn = stored?.updatedAt ?? null;
  const edits = draft?.edits;
  // The same object as long as nothing is typed: the check waits for it to settle.
  const content = useMemo(() => contentOf(stored, edits), [stored, edits]);
  return {
    dirty,
    changed: changed.map(([path]) => path),
    /** What the check looks at: undefined for what is saved. */
    content: dirty ? content : undefined,
    valueOf: (path: string) => draft?.edits[path] ?? savedText(path),
    edit: (path: string, value: string) =>
      setDraft((before) => ({
        edits: { ...before?.edits, [path]: value },
        basedOn: before?.basedOn ?? basedOn,
      })),
    discard: () => setDraft(undefined),
    /** Whether somebody else saved since this draft was begun. */
    conflict: dirty && draft?.basedOn !== basedOn,
    save: () => {
      if (content) save.mutate({ projectId, content, basedOn: draft?.basedOn ?? basedOn });
    },
    /** Saves a file in place of what is there. */
    replace: (next: TextContent) => save.mutateAsync({ projectId, content: next, basedOn }),
    saving: save.isPending,
    error: save.error,
  };
}

export type TextDraft = ReturnType<typeof useTextDraft>;

function contentOf(
  stored: DeploymentText | null,
  edits: Draft['edits'] | undefined,
): TextContent | undefined {
  if (edits === undefined) return undefined;
  if (stored?.kind !== 'chart') return { kind: 'manifests', text: edits[''] ?? stored?.text ?? '' };
  return { kind: 'chartFiles', files: Object.entries(edits).map(([path, text]) => ({ path, text })) };
}

'use client';

import { useQuery } from '@tanstack/react-query';
import { FileCode2, PenLine } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { DeploymentText } from '@/server/containers/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { DeploymentEditor } from './deployment-editor';
import { TextDrop } from './text-drop';
import { useTextDraft } from './use-text-draft';

/** What a container project is deployed by: manifests or a chart, edited and looked through here. */
export function ProjectDeployment({ projectId }: { projectId: string }) {
  const t = useTranslations('containerPages.deployment');
  const trpc = useTRPC();
  const query = useQuery(trpc.containers.text.get.queryOptions({ projectId }));
  return (
    <QueryView query={query} pending={<SkeletonRows label={t('loading')} />}>
      {/* Another sort of text is another editor. */}
      {(stored) => <Text key={stored?.kind ?? 'manifests'} projectId={projectId} stored={stored} />}
    </QueryView>
  );
}

function Text({ projectId, stored }: { projectId: string; stored: DeploymentText | null }) {
  const draft = useTextDraft(projectId, stored);
  const [writing, setWriting] = useState(false);
  if (stored !== null || writing) {
    return <DeploymentEditor projectId={projectId} stored={stored} draft={draft} />;
  }
  return <NoText draft={draft} onWrite={() => setWriting(true)} />;
}

function NoText({ draft, onWrite }: { draft: ReturnType<typeof useTextDraft>; onWrite: () => void }) {
  const t = useTranslations('containerPages.deployment');
  return (
    <div className="flex flex-col gap-5">
      <TextDrop draft={draft} replaces={false} />
      {draft.error && <ErrorState problem={problemOf(draft.error)} compact />}
      <EmptyState
        icon={<FileCode2 />}
        title={t('empty')}
        action={
          <Button variant="primary" icon={<PenLine />} onClick={onWrite}>
            {t('write')}
          </Button>
        }
      >
        {t('emptyText')}
      </EmptyState>
    </div>
  );
}

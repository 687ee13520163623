'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Save, Trash2, Undo2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import type { DeploymentText } from '@/server/containers/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { IconButton } from '../ui/icon-button';
import { Notice } from '../ui/notice';
import { RelativeTime } from '../ui/relative-time';
import type { TextDraft } from './use-text-draft';

/** Saving, discarding and deleting a deployment text; and that somebody else saved meanwhile. */
export function TextHead({
  projectId,
  stored,
  draft,
}: {
  projectId: string;
  stored: DeploymentText | null;
  draft: TextDraft;
}) {
  const t = useTranslations('containerPages.deployment');
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-text-muted text-sm">
          {stored?.kind === 'chart' && (
            <span className="text-text">{t('chart', { name: stored.fileName })} · </span>
          )}
          {draft.dirty || stored === null ? (
            <span className="text-warning">{t('unsaved')}</span>
          ) : (
            <>
              {t('changedBy')} <RelativeTime at={stored.updatedAt} />
            </>
          )}
        </p>
        <span className="flex flex-wrap gap-2">
          {stored !== null && <RemoveText projectId={projectId} onRemoved={draft.discard} />}
          {draft.dirty && (
            <Button variant="ghost" icon={<Undo2 />} onClick={draft.discard}>
              {t('discard')}
            </Button>
          )}
          <Button
            variant="primary"
            icon={<Save />}
            busy={draft.saving}
            onClick={draft.save}
            {...(!draft.dirty && { disabledReason: t('noChanges') })}
          >
            {t('save')}
          </Button>
        </span>
      </div>
      {draft.conflict && (
        <Notice
          tone="warning"
          title={t('conflict')}
          action={
            <Button size="sm" onClick={draft.discard}>
              {t('loadTheirs')}
            </Button>
          }
        >
          {t('conflictText')}
        </Notice>
      )}
    </>
  );
}

function RemoveText({ projectId, onRemoved }: { projectId: string; onRemoved: () => void }) {
  const t = useTranslations('containerPages.deployment');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const remove = useMutation(trpc.containers.text.remove.mutationOptions());
  return (
    <>
      <IconButton label={t('remove')} icon={<Trash2 />} onClick={() => setAsking(true)} />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('removeTitle')}
        confirmLabel={t('removeConfirm')}
        cancelLabel={t('cancel')}
        problemOf={problemOf}
        onConfirm={async () => {
          await remove.mutateAsync({ projectId });
          onRemoved();
          toast.success(t('removed'));
          await queries.invalidateQueries(trpc.containers.pathFilter());
        }}
      >
        {t('removeText')}
      </ConfirmDialog>
    </>
  );
}

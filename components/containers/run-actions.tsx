'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RefreshCw, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import type { TestAction, TestDeployment } from '@/server/containers/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { useTextOf } from '../i18n/use-text-of';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { useProblemText } from '../ui/error-state';

/** Bringing a test deployment to what the text says now, and removing it; what cannot be done says why. */
export function RunActions({ run }: { run: TestDeployment }) {
  const t = useTranslations('containerPages.run');
  const say = useProblemText();
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const refresh = () => queries.invalidateQueries(trpc.containers.deployments.pathFilter());
  const redeploy = useMutation(
    trpc.containers.deployments.redeploy.mutationOptions({
      onSuccess: refresh,
      onError: (error) => toast.error(say(problemOf(error))),
    }),
  );
  const remove = useMutation(trpc.containers.deployments.remove.mutationOptions());
  const refusal = useRefusal(run);
  return (
    <>
      <Button
        icon={<RefreshCw />}
        busy={redeploy.isPending}
        onClick={() => redeploy.mutate({ deploymentId: run.id })}
        {...refusal('redeploy')}
      >
        {t('redeploy')}
      </Button>
      <Button variant="danger" icon={<Trash2 />} onClick={() => setAsking(true)} {...refusal('remove')}>
        {t('remove')}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('removeTitle', { name: run.name })}
        losses={run.status?.parts.map(({ name }) => name) ?? []}
        confirmLabel={t('removeConfirm')}
        cancelLabel={t('cancel')}
        problemOf={problemOf}
        onConfirm={async () => {
          await remove.mutateAsync({ deploymentId: run.id });
          await refresh();
          router.push(`/projects/${run.projectId}/runs`);
        }}
      >
        {t('removeText', { site: run.siteName })}
      </ConfirmDialog>
    </>
  );
}

function useRefusal(run: TestDeployment) {
  const textOf = useTextOf();
  return (action: TestAction) => {
    const key = run.refusals[action];
    return key === null ? {} : { disabledReason: textOf(key) ?? key };
  };
}

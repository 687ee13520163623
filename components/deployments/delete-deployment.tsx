'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import type { Deployment } from '@/server/operations/deployments/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { isActive, useJob } from '../jobs/use-job';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { useResourceType } from './use-resource-type';

/** Removes a deployment with its stack, after naming what goes. */
export function DeleteDeployment({ deployment }: { deployment: Deployment }) {
  const t = useTranslations('deployments.view');
  const own = useTranslations('deploymentPages.view');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const typeWords = useResourceType();
  const [asking, setAsking] = useState(false);
  const { data: job } = useJob(deployment.jobId);
  const remove = useMutation(trpc.deployments.remove.mutationOptions());
  const busy = job !== undefined && isActive(job);
  const { id, name, resources, parts, runs } = deployment;
  const losses = [
    ...resources.map((each) => t('lossResource', { name: each.name, type: typeWords(each.type) })),
    ...parts.map((part) => t('lossResource', { name: part.name, type: part.owner })),
  ];
  return (
    <>
      <Button
        variant="danger"
        icon={<Trash2 />}
        onClick={() => setAsking(true)}
        {...(busy && { disabledReason: t('deleteBusy') })}
      >
        {t('delete')}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('deleteTitle', { name })}
        {...(losses.length > 0 && {
          losses: [...losses, runs === 'workload' ? own('lossContainers') : t('lossData')],
        })}
        confirmLabel={t('delete')}
        problemOf={problemOf}
        onConfirm={async () => {
          await remove.mutateAsync({ id });
          toast(t('deleteStarted'));
          await queries.invalidateQueries(trpc.deployments.pathFilter());
        }}
      >
        {losses.length > 0 && runs === 'workload'
          ? own('deleteWorkload')
          : t(losses.length > 0 ? 'deleteText' : 'deleteNothing')}
      </ConfirmDialog>
    </>
  );
}

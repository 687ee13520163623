'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Undo2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import { deploymentRefusal } from '@/server/operations/deployments/deployment-gates';
import type { Deployment, Revision } from '@/server/operations/deployments/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { useMayOperate } from '../distribution/use-may-operate';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { useProblemText } from '../ui/error-state';
import { RelativeTime } from '../ui/relative-time';
import type { Tone } from '../ui/tone';

const tones: Record<Revision['outcome'], Tone> = {
  starting: 'accent',
  running: 'success',
  replaced: 'neutral',
  failed: 'danger',
  rolledBack: 'neutral',
};

/** What ran under a deployment's name, the newest first, and going back to any that ran. */
export function RevisionsCard({ deployment }: { deployment: Deployment }) {
  const t = useTranslations('deploymentPages.revisions');
  const words = useTranslations();
  const mayOperate = useMayOperate();
  const [back, setBack] = useState<Revision>();
  const gate = deploymentRefusal('rollBack', deployment.state);
  const refusal = !mayOperate
    ? t('operators')
    : gate === null
      ? undefined
      : words(gate, { name: deployment.name });
  return (
    <Card title={t('title')}>
      <ol className="divide-border -my-2.5 divide-y">
        {deployment.revisions.toReversed().map((revision) => (
          <li key={revision.number} className="flex flex-col gap-1 py-2.5">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
              <span className="text-text-muted tabular">{t('number', { number: revision.number })}</span>
              <span className="min-w-0 flex-1 font-medium break-words">{revision.version}</span>
              <Badge tone={tones[revision.outcome]}>{t(`outcomes.${revision.outcome}`)}</Badge>
            </div>
            <div className="text-text-muted flex flex-wrap items-center justify-between gap-x-3 gap-y-1.5 text-[0.8125rem]">
              <span>
                <RelativeTime at={revision.at} /> · {revision.by}
              </span>
              {(revision.outcome === 'replaced' || revision.outcome === 'rolledBack') && (
                <Button
                  size="sm"
                  variant="ghost"
                  icon={<Undo2 />}
                  onClick={() => setBack(revision)}
                  {...(refusal !== undefined && { disabledReason: refusal })}
                >
                  {t('back')}
                </Button>
              )}
            </div>
            <Failure revision={revision} />
          </li>
        ))}
      </ol>
      <RollBack deployment={deployment} revision={back} onClose={() => setBack(undefined)} />
    </Card>
  );
}

function Failure({ revision: { problem } }: { revision: Revision }) {
  const say = useProblemText();
  if (problem === null) return null;
  return <p className="text-danger text-[0.8125rem] text-pretty break-words">{say(problem)}</p>;
}

function RollBack({
  deployment,
  revision,
  onClose,
}: {
  deployment: Deployment;
  revision: Revision | undefined;
  onClose: () => void;
}) {
  const t = useTranslations('deploymentPages.revisions');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const rollBack = useMutation(trpc.deployments.rollBack.mutationOptions());
  return (
    <ConfirmDialog
      open={revision !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={t('backTitle', { version: revision?.version ?? '', number: revision?.number ?? 0 })}
      confirmLabel={t('backConfirm')}
      tone="primary"
      problemOf={problemOf}
      onConfirm={async () => {
        if (!revision) return;
        await rollBack.mutateAsync({ id: deployment.id, revision: revision.number });
        toast(t('backStarted'));
        await queries.invalidateQueries(trpc.deployments.pathFilter());
      }}
    >
      {t('backText', { site: deployment.siteName })}
    </ConfirmDialog>
  );
}

'use client';

import { useQuery } from '@tanstack/react-query';
import { CircleAlert } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { Deployment } from '@/server/operations/deployments/schemas';
import type { EdgeView } from '@/server/operations/edges/schemas';
import type { ProblemReport } from '@/server/problem';
import { useTRPC } from '../api/trpc-provider';
import { Card } from '../ui/card';
import { useProblemText } from '../ui/error-state';
import { LinkButton, TextLink } from '../ui/link-button';
import { DeploymentStateDot } from './deployment-state';

interface Outcome {
  started: { deployment: Deployment }[];
  refused: { edgeId: string; problem: ProblemReport }[];
}

/** What became of a deployment at several edges: where it starts, and who refused it and why. */
export function DeployOutcome({
  outcome: { started, refused },
  edges,
}: {
  outcome: Outcome;
  edges: readonly EdgeView[];
}) {
  const t = useTranslations('deploymentPages.outcome');
  const say = useProblemText();
  const releaseId = started[0]?.deployment.releaseId;
  const list = releaseId ? `/deployments?release=${encodeURIComponent(releaseId)}` : '/deployments';
  return (
    <Card
      title={t('title')}
      description={t('text', { started: started.length, refused: refused.length })}
      actions={<LinkButton href={list}>{t('toList')}</LinkButton>}
    >
      <ul className="divide-border -my-2 divide-y">
        {refused.map(({ edgeId, problem }) => (
          <li key={edgeId} className="flex items-start gap-2.5 py-2.5">
            <CircleAlert aria-hidden className="text-danger mt-0.5 size-4 shrink-0" />
            <div className="min-w-0">
              <p className="font-medium">{edges.find(({ id }) => id === edgeId)?.name ?? edgeId}</p>
              <p className="text-danger text-sm text-pretty">{say(problem)}</p>
            </div>
          </li>
        ))}
        {started
          .toSorted((one, other) => one.deployment.siteName.localeCompare(other.deployment.siteName))
          .map(({ deployment }) => (
            <Started key={deployment.id} first={deployment} />
          ))}
      </ul>
    </Card>
  );
}

/** A deployment that was started, as it stands now. */
function Started({ first }: { first: Deployment }) {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.deployments.get.queryOptions({ id: first.id }));
  const { id, siteName, state, reason } = data ?? first;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 py-2.5">
      <TextLink href={`/deployments/${id}`} className="font-medium">
        {siteName}
      </TextLink>
      <DeploymentStateDot state={state} />
      {state === 'failed' && reason !== '' && (
        <p className="text-danger basis-full text-sm text-pretty break-words">{reason}</p>
      )}
    </li>
  );
}

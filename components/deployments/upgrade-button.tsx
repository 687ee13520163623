'use client';

import { ArrowUpCircle } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { deploymentRefusal } from '@/server/operations/deployments/deployment-gates';
import type { Deployment } from '@/server/operations/deployments/schemas';
import { useMayOperate } from '../distribution/use-may-operate';
import { LinkButton } from '../ui/link-button';

/** Leads to the upgrade of a release's deployment; says why not now. */
export function UpgradeButton({ deployment: { id, name, state } }: { deployment: Deployment }) {
  const t = useTranslations('deploymentPages');
  const words = useTranslations();
  const mayOperate = useMayOperate();
  const gate = deploymentRefusal('upgrade', state);
  const refusal = !mayOperate ? t('new.operatorsDeploy') : gate === null ? undefined : words(gate, { name });
  return (
    <LinkButton
      href={`/deployments/${id}/upgrade`}
      icon={<ArrowUpCircle />}
      {...(refusal !== undefined && { disabledReason: refusal })}
    >
      {t('view.upgrade')}
    </LinkButton>
  );
}

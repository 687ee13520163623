'use client';

import { Layers } from 'lucide-react';
import type { PackageSummary } from '@/server/packages/schemas';
import { Button } from '../ui/button';
import { LinkButton } from '../ui/link-button';
import { useDeploy } from './use-deploy';

/** Leads from a package to its deployment; says why where that is not possible. */
export function DeployButton({ item }: { item: PackageSummary }) {
  const { label, href, disabledReason, reasonAction } = useDeploy(item);
  return disabledReason === undefined ? (
    <LinkButton href={href} icon={<Layers />}>
      {label}
    </LinkButton>
  ) : (
    <Button icon={<Layers />} disabledReason={disabledReason} reasonAction={reasonAction}>
      {label}
    </Button>
  );
}

'use client';

import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { PackageSummary } from '@/server/packages/schemas';
import { useTextOf } from '../i18n/use-text-of';
import { useNoSite } from './use-no-site';

/**
 * The way from a package to its deployment.
 *
 * @returns its label and address; a reason when the package cannot be deployed now, with a link to what helps
 */
export function useDeploy({ id, kind, refusals }: Pick<PackageSummary, 'id' | 'kind' | 'refusals'>): {
  label: string;
  href: string;
  disabledReason: string | undefined;
  reasonAction: ReactNode;
} {
  const t = useTranslations('deployments.deploy');
  const textOf = useTextOf();
  const noSite = useNoSite();
  // What cannot be read cannot be deployed: the server's gate is that of the download.
  const gate = refusals.download;
  const own = gate !== null ? (textOf(gate) ?? gate) : kind === 'vm' ? undefined : t('containers');
  return {
    label: t('action'),
    href: `/deployments/new?package=${encodeURIComponent(id)}`,
    disabledReason: own ?? noSite?.reason,
    reasonAction: own === undefined ? noSite?.action : undefined,
  };
}

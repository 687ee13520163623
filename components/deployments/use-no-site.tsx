'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { useTRPC } from '../api/trpc-provider';
import { TextLink } from '../ui/link-button';
import { takesStacks } from './deployment-site';

/**
 * Whether any site takes deployments.
 *
 * @returns undefined when one does, or while that is not known; else why not, and where an administrator mends it
 */
export function useNoSite(): { reason: string; action: ReactNode } | undefined {
  const t = useTranslations('deployments.deploy');
  const trpc = useTRPC();
  const { data: sites } = useQuery(trpc.sites.list.queryOptions());
  const { data: me } = useQuery(trpc.access.me.queryOptions());
  if (sites === undefined || sites.some(takesStacks)) return undefined;
  if (me?.role !== 'admin') return { reason: t('noSite'), action: undefined };
  return { reason: t('noSiteAdmin'), action: <TextLink href="/admin/sites">{t('toSites')}</TextLink> };
}

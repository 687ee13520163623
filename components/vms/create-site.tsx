'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import type { SiteView } from '@/server/sites/schemas';
import { inItsOwnTime } from '../api/own-time';
import { useTRPC } from '../api/trpc-provider';
import { SitePicker } from '../sites/site-picker';

/** Chooses where a VM runs, by what is free on each site. */
export function VmSite({
  sites,
  value,
  onChange,
}: {
  sites: readonly SiteView[];
  value: string | undefined;
  onChange: (siteId: string) => void;
}) {
  const t = useTranslations('workbench.create');
  return (
    <SitePicker
      title={t('site')}
      text={t('siteText')}
      sites={sites}
      value={value}
      onChange={onChange}
      Meta={Free}
    />
  );
}

/** What a site has left; nothing while it is being asked, or cannot be. */
function Free({ siteId }: { siteId: string }) {
  const t = useTranslations('workbench.create');
  const trpc = useTRPC();
  const { data } = useQuery(trpc.sites.offers.queryOptions({ siteId }, { ...inItsOwnTime, retry: false }));
  if (!data) return null;
  const { vcpus, memoryMiB } = data.capacity;
  // A total of -1 means without limit.
  const free = ({ total, used }: { total: number; used: number }) =>
    total < 0 ? -1 : Math.max(0, Math.floor(total - used));
  return <>{t('siteFree', { vcpus: free(vcpus), memory: free(memoryMiB) })}</>;
}

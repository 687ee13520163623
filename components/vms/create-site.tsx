'use client';

import { useQuery } from '@tanstack/react-query';
import { Cloud, Server } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { SiteView } from '@/server/sites/schemas';
import { useTRPC } from '../api/trpc-provider';
import { SiteStateDot } from '../sites/site-state';
import { Card } from '../ui/card';
import { useProblemText } from '../ui/error-state';
import { RadioCards } from '../ui/radio-cards';

/** Chooses where a VM runs: each site with its kind, how it stands and what is free on it. */
export function SitePicker({
  sites,
  value,
  onChange,
}: {
  sites: readonly SiteView[];
  value: string | undefined;
  onChange: (siteId: string) => void;
}) {
  const t = useTranslations('workbench.create');
  const tSites = useTranslations('adminSites');
  const problemText = useProblemText();
  const against = (site: SiteView) => {
    if (site.state === 'ready') return undefined;
    return site.problem ? problemText(site.problem) : tSites(`states.${site.state}`);
  };
  return (
    <Card title={t('site')} description={t('siteText')}>
      <RadioCards
        label={t('site')}
        hideLabel
        name="siteId"
        value={value}
        onValueChange={onChange}
        options={sites.map((site) => ({
          value: site.id,
          title: site.name,
          icon: site.kind === 'openstack' ? <Cloud /> : <Server />,
          description: (
            <>
              {tSites(`kinds.${site.kind}`)} · {tSites(`purposes.${site.purpose}`)}
            </>
          ),
          meta: site.state === 'ready' ? <Free siteId={site.id} /> : <SiteStateDot state={site.state} />,
          disabledReason: against(site),
        }))}
      />
    </Card>
  );
}

/** What a site has left; nothing while it is being asked, or cannot be. */
function Free({ siteId }: { siteId: string }) {
  const t = useTranslations('workbench.create');
  const trpc = useTRPC();
  const { data } = useQuery(trpc.sites.offers.queryOptions({ siteId }, { retry: false }));
  if (!data) return null;
  const { vcpus, memoryMiB } = data.capacity;
  // A total of -1 means without limit.
  const free = ({ total, used }: { total: number; used: number }) =>
    total < 0 ? -1 : Math.max(0, Math.floor(total - used));
  return <>{t('siteFree', { vcpus: free(vcpus), memory: free(memoryMiB) })}</>;
}

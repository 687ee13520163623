'use client';

import { Cloud, Server } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { SiteView } from '@/server/sites/schemas';
import { SiteStateDot } from '../sites/site-state';
import { Card } from '../ui/card';
import { useProblemText } from '../ui/error-state';
import { RadioCards } from '../ui/radio-cards';

/** Chooses where a package runs; a site that cannot take it says why. */
export function DeploymentSite({
  sites,
  value,
  onChange,
}: {
  sites: readonly SiteView[];
  value: string | undefined;
  onChange: (siteId: string) => void;
}) {
  const t = useTranslations('deployments.new');
  const tSites = useTranslations('adminSites');
  const tMissing = useTranslations('sites.missing');
  const problemText = useProblemText();
  const against = (site: SiteView) => {
    // What a site that is not open can do is not known.
    if (site.state !== 'ready')
      return site.problem ? problemText(site.problem) : tSites(`states.${site.state}`);
    return takesStacks(site) ? undefined : tMissing('stacks');
  };
  return (
    <Card title={t('site')} description={t('siteText')}>
      <RadioCards
        label={t('site')}
        hideLabel
        name="siteId"
        columns={2}
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
          meta: <SiteStateDot state={site.state} />,
          disabledReason: against(site),
        }))}
      />
    </Card>
  );
}

/** Whether a deployment can be made on a site now. */
export function takesStacks({ state, capabilities }: Pick<SiteView, 'state' | 'capabilities'>): boolean {
  return state === 'ready' && capabilities.includes('stacks');
}

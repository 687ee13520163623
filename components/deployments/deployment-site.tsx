'use client';

import { useTranslations } from 'next-intl';
import type { SiteView } from '@/server/sites/schemas';
import { SitePicker } from '../sites/site-picker';

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
  const tMissing = useTranslations('sites.missing');
  return (
    <SitePicker
      title={t('site')}
      text={t('siteText')}
      sites={sites}
      value={value}
      onChange={onChange}
      columns={2}
      against={(site) => (takesStacks(site) ? undefined : tMissing('stacks'))}
    />
  );
}

/** Whether a deployment can be made on a site now. */
export function takesStacks({ state, capabilities }: Pick<SiteView, 'state' | 'capabilities'>): boolean {
  return state === 'ready' && capabilities.includes('stacks');
}

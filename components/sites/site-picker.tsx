'use client';

import { Cloud, Server } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ComponentType } from 'react';
import type { SiteView } from '@/server/sites/schemas';
import { Card } from '../ui/card';
import { useProblemText } from '../ui/error-state';
import { RadioCards } from '../ui/radio-cards';
import { SiteStateDot } from './site-state';

/**
 * Chooses a site: each with its kind and how it stands; one that is not open says why.
 *
 * @param against why a site that is open cannot be chosen
 * @param Meta what a site that is open shows in its card; how it stands when absent
 */
export function SitePicker({
  title,
  text,
  sites,
  value,
  onChange,
  columns,
  against,
  Meta,
}: {
  title: string;
  text: string;
  sites: readonly SiteView[];
  value: string | undefined;
  onChange: (siteId: string) => void;
  columns?: 2 | 3;
  against?: (site: SiteView) => string | undefined;
  Meta?: ComponentType<{ siteId: string }>;
}) {
  const t = useTranslations('adminSites');
  const problemText = useProblemText();
  const reason = (site: SiteView) => {
    // What a site that is not open can do is not known.
    if (site.state === 'ready') return against?.(site);
    return site.problem ? problemText(site.problem) : t(`states.${site.state}`);
  };
  return (
    <Card title={title} description={text}>
      <RadioCards
        label={title}
        hideLabel
        name="siteId"
        {...(columns && { columns })}
        value={value}
        onValueChange={onChange}
        options={sites.map((site) => ({
          value: site.id,
          title: site.name,
          icon: site.kind === 'openstack' ? <Cloud /> : <Server />,
          description: (
            <>
              {t(`kinds.${site.kind}`)} · {t(`purposes.${site.purpose}`)}
            </>
          ),
          meta:
            site.state === 'ready' && Meta ? <Meta siteId={site.id} /> : <SiteStateDot state={site.state} />,
          disabledReason: reason(site),
        }))}
      />
    </Card>
  );
}

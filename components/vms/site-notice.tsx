'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useTRPC } from '../api/trpc-provider';
import { useProblemText } from '../ui/error-state';
import { Notice } from '../ui/notice';
import { RelativeTime } from '../ui/relative-time';

/** Says that a VM's site does not answer, so that what the page shows is what was known last. */
export function SiteNotice({ siteId }: { siteId: string }) {
  const t = useTranslations('workbench.siteDown');
  const trpc = useTRPC();
  const problemText = useProblemText();
  const { data } = useQuery(trpc.sites.list.queryOptions());
  const site = data?.find(({ id }) => id === siteId);
  if (!site || site.state === 'ready') return null;
  return (
    <Notice tone={site.state === 'opening' ? 'info' : 'warning'} title={t(site.state, { name: site.name })}>
      <p>
        {t('text')} {t('since')} <RelativeTime at={site.since} />
      </p>
      {site.problem && <p className="mt-1 text-sm">{problemText(site.problem)}</p>}
    </Notice>
  );
}

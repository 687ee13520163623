import { useTranslations } from 'next-intl';
import type { Distribution } from '@/server/operations/distribution/schemas';

/** What a distribution is called: its one release, or how many; and where to. */
export function useTitle(): (of: Pick<Distribution, 'releases' | 'edges'>) => string {
  const t = useTranslations('distributionPages');
  return ({ releases, edges }) => {
    const [release] = releases;
    const [edge] = edges;
    return t('name', {
      what:
        releases.length === 1 && release
          ? `${release.name} ${release.version}`
          : t('releaseCount', { count: releases.length }),
      where: edges.length === 1 && edge ? edge.name : t('edgeCount', { count: edges.length }),
    });
  };
}

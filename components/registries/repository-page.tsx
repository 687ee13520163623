'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import type { RegistryRole, RepositoryDetail } from '@/server/registries/schemas';
import { useTRPC } from '../api/trpc-provider';
import { Notice } from '../ui/notice';
import { PageHeader } from '../ui/page-header';
import { SkeletonPage } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { ArtifactCard } from './artifact-card';
import { registryHref } from './registry-paths';

/**
 * What a repository holds: tags and manifests, newest first.
 *
 * @param name whole, with the role's prefix
 */
export function RepositoryPage({
  role,
  name,
  canRemove,
}: {
  role: RegistryRole;
  name: string;
  canRemove: boolean;
}) {
  const t = useTranslations('adminRegistries');
  const trpc = useTRPC();
  const query = useQuery(trpc.registries.browse.repository.queryOptions({ role, repository: name }));
  const header = (title: string, detail?: RepositoryDetail) => (
    <PageHeader
      title={title}
      crumbs={[{ label: `${t('browse.title')} · ${t(`roles.${role}`)}`, href: registryHref(role) }]}
      description={detail && t('artifact.tags', { count: detail.tagCount })}
    />
  );
  return (
    <>
      {query.data === undefined && query.error !== null && header(name)}
      <QueryView query={query} pending={<SkeletonPage />}>
        {(detail) => (
          <>
            {header(detail.title, detail)}
            <div className="flex flex-col gap-5">
              {detail.more && (
                <Notice title={t('artifact.more')}>
                  {t('artifact.moreText', { count: detail.tagCount })}
                </Notice>
              )}
              {detail.artifacts.map((artifact) => (
                <ArtifactCard
                  key={artifact.digest}
                  role={role}
                  repository={detail}
                  artifact={artifact}
                  canRemove={canRemove}
                />
              ))}
            </div>
          </>
        )}
      </QueryView>
    </>
  );
}

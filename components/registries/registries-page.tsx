'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useTRPC } from '../api/trpc-provider';
import { CardGrid } from '../ui/card';
import { PageHeader } from '../ui/page-header';
import { SkeletonCards, SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { BundledCard } from './bundled-card';
import { RobotsCard } from './robots-card';
import { RoleCard } from './role-card';

/** Administration of the registries: one of each room, the bundled one, and logins for machines. */
export function RegistriesPage() {
  const t = useTranslations('adminRegistries');
  const trpc = useTRPC();
  const rows = useQuery(trpc.registries.adminList.queryOptions());
  const bundled = useQuery(trpc.registries.bundled.queryOptions());
  return (
    <>
      <PageHeader title={t('title')} description={t('text')} />
      <div className="flex flex-col gap-6">
        <QueryView query={rows} pending={<SkeletonCards cards={3} />}>
          {(list) => (
            <CardGrid>
              {list.map((row) => (
                <RoleCard key={row.role} row={row} />
              ))}
            </CardGrid>
          )}
        </QueryView>
        <QueryView query={bundled} pending={<SkeletonRows rows={3} />}>
          {(view) => <BundledCard bundled={view} />}
        </QueryView>
        {rows.data && <RobotsCard rows={rows.data} />}
      </div>
    </>
  );
}

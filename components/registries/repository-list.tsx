'use client';

import { useQuery } from '@tanstack/react-query';
import { Box, SearchX } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { RegistryRole, RegistryView, RepositoryView } from '@/server/registries/schemas';
import { useTRPC } from '../api/trpc-provider';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { EmptyState } from '../ui/empty-state';
import { SearchInput } from '../ui/input';
import { PageHeader } from '../ui/page-header';
import { SkeletonRows } from '../ui/skeleton';
import { TabLinks } from '../ui/tabs';
import { QueryView } from '../workbench/query-view';
import { registryHref, repositoryHref } from './registry-paths';
import { RegistryProblem } from './registry-problem';
import { RegistryStateDot } from './registry-state';

/**
 * What the registry of a role holds.
 *
 * @param roles those that the reader may look into
 */
export function RepositoryList({ role, roles }: { role: RegistryRole; roles: readonly RegistryRole[] }) {
  const t = useTranslations('adminRegistries');
  const trpc = useTRPC();
  const registries = useQuery(trpc.registries.list.queryOptions());
  const registry = registries.data?.find((each) => each.role === role);
  return (
    <>
      <PageHeader
        title={t('browse.title')}
        description={t(`roleTexts.${role}`)}
        status={registry && <RegistryStateDot state={registry.state} />}
      />
      {roles.length > 1 && (
        <TabLinks
          label={t('browse.title')}
          tabs={roles.map((each) => ({ href: registryHref(each), label: t(`roles.${each}`) }))}
        />
      )}
      <div className="flex flex-col gap-4">
        {registry?.problem && <RegistryProblem title={t('states.unavailable')} problem={registry.problem} />}
        {registry?.state === 'starting' ? (
          <SkeletonRows />
        ) : (
          registry?.problem === undefined && <Repositories role={role} registry={registry} />
        )}
      </div>
    </>
  );
}

function Repositories({ role, registry }: { role: RegistryRole; registry: RegistryView | undefined }) {
  const t = useTranslations('adminRegistries.browse');
  const trpc = useTRPC();
  const [search, setSearch] = useState('');
  const query = useQuery(trpc.registries.browse.repositories.queryOptions({ role }));
  const columns = useRepositoryColumns(role, registry);
  return (
    <QueryView query={query} pending={<SkeletonRows />}>
      {(all) =>
        all.length === 0 ? (
          <EmptyState icon={<Box />} title={t('emptyTitle')}>
            {t('emptyText')}
          </EmptyState>
        ) : (
          <>
            <SearchInput
              className="max-w-md"
              label={t('search')}
              placeholder={t('search')}
              value={search}
              onValueChange={setSearch}
            />
            <DataTable
              label={t('title')}
              rows={all.filter(({ title }) => title.includes(search.trim().toLowerCase()))}
              columns={columns}
              rowId={({ name }) => name}
              rowHref={({ name }) => repositoryHref(role, name)}
              pageSize={50}
              empty={
                <EmptyState compact icon={<SearchX />} title={t('nothingFound', { search: search.trim() })} />
              }
            />
          </>
        )
      }
    </QueryView>
  );
}

function useRepositoryColumns(
  role: RegistryRole,
  registry: RegistryView | undefined,
): DataColumn<RepositoryView>[] {
  const t = useTranslations('adminRegistries.browse');
  return [
    {
      id: 'name',
      header: t('repository'),
      cell: ({ title }) => <span className="font-mono break-all">{title}</span>,
      sort: ({ title }) => title,
    },
    {
      id: 'reference',
      header: t('wholeName'),
      phone: 'hide',
      cell: ({ name }) => (
        <code className="text-text-muted text-[0.8125rem] break-all">
          {registry === undefined || registry.address === '' ? name : `${registry.address}/${name}`}
        </code>
      ),
    },
  ];
}

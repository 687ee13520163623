'use client';

import { useQuery } from '@tanstack/react-query';
import { Cloud, Lock, Pencil, Plus, Server, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { SiteRow } from '@/server/sites/schemas';
import { useTRPC } from '../api/trpc-provider';
import { Badge } from '../ui/badge';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { EmptyState } from '../ui/empty-state';
import { useProblemText } from '../ui/error-state';
import { IconButton } from '../ui/icon-button';
import { LinkButton } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { RemoveSiteDialog } from './remove-site-dialog';
import { SiteStateDot } from './site-state';

/** Where VMs run: every site, how it stands, and what is on it. */
export function SiteList() {
  const t = useTranslations('adminSites');
  const trpc = useTRPC();
  const query = useQuery(trpc.sites.adminList.queryOptions());
  const [removing, setRemoving] = useState<SiteRow>();
  const columns = useColumns();
  const add = (
    <LinkButton href="/admin/sites/new" variant="primary" icon={<Plus />}>
      {t('add')}
    </LinkButton>
  );
  return (
    <>
      <PageHeader title={t('title')} description={t('text')} actions={add} />
      <QueryView query={query} pending={<SkeletonRows />}>
        {(sites) => (
          <div className="flex flex-col gap-6">
            <DataTable
              label={t('title')}
              rows={sites}
              columns={columns}
              rowId={({ id }) => id}
              rowActions={(site) => <SiteActions site={site} onRemove={() => setRemoving(site)} />}
            />
            {sites.every(({ builtIn }) => builtIn) && (
              <EmptyState icon={<Cloud />} title={t('emptyTitle')} action={add}>
                <p>{t('emptyText')}</p>
              </EmptyState>
            )}
          </div>
        )}
      </QueryView>
      {removing && <RemoveSiteDialog site={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

function useColumns(): DataColumn<SiteRow>[] {
  const t = useTranslations('adminSites');
  return [
    {
      id: 'name',
      header: t('columns.name'),
      cell: (site) => <SiteName site={site} />,
      sort: (site) => site.name,
    },
    {
      id: 'state',
      header: t('columns.state'),
      cell: (site) => <StateWords site={site} />,
      sort: ({ state }) => state,
    },
    {
      id: 'capabilities',
      header: t('columns.capabilities'),
      cell: ({ capabilities }) =>
        capabilities.length === 0 ? (
          '–'
        ) : (
          <span className="flex max-w-72 flex-wrap gap-1">
            {capabilities.map((name) => (
              <Badge key={name}>{t(`capabilities.${name}`)}</Badge>
            ))}
          </span>
        ),
    },
    {
      id: 'vms',
      header: t('columns.vms'),
      align: 'end',
      cell: ({ vmCount }) => <span className="tabular">{vmCount}</span>,
      sort: ({ vmCount }) => vmCount,
    },
    {
      id: 'since',
      header: t('columns.since'),
      cell: ({ since }) => <RelativeTime at={since} />,
      sort: ({ since }) => since,
    },
  ];
}

function SiteName({ site }: { site: SiteRow }) {
  const t = useTranslations('adminSites');
  const Icon = site.kind === 'openstack' ? Cloud : Server;
  return (
    <div className="flex min-w-0 items-start gap-2.5">
      <Icon aria-hidden className="text-accent mt-0.5 size-4.5 shrink-0" />
      <div className="min-w-0">
        <p className="font-medium break-words">{site.name}</p>
        <p className="text-text-muted flex flex-wrap items-center gap-x-2 gap-y-1">
          <span>{t(`kinds.${site.kind}`)}</span>
          <Badge tone={site.purpose === 'edge' ? 'accent' : 'neutral'}>{t(`purposes.${site.purpose}`)}</Badge>
          {site.config?.insecure === true && <Badge tone="danger">{t('unchecked')}</Badge>}
        </p>
      </div>
    </div>
  );
}

function StateWords({ site }: { site: SiteRow }) {
  const problemText = useProblemText();
  return (
    <div className="max-w-80 min-w-0">
      <SiteStateDot state={site.state} />
      {site.problem && (
        <p className="text-text-muted mt-0.5 text-[0.8125rem] text-pretty">{problemText(site.problem)}</p>
      )}
    </div>
  );
}

function SiteActions({ site, onRemove }: { site: SiteRow; onRemove: () => void }) {
  const t = useTranslations('adminSites');
  if (site.builtIn)
    return (
      <span className="flex justify-end">
        <IconButton
          size="sm"
          label={t('builtIn', { name: site.name })}
          icon={<Lock />}
          disabledReason={t('builtInText')}
        />
      </span>
    );
  return (
    <span className="flex justify-end gap-1">
      <LinkButton size="sm" variant="ghost" href={`/admin/sites/${site.id}`} icon={<Pencil />}>
        {t('edit')} <span className="sr-only">{site.name}</span>
      </LinkButton>
      <IconButton
        size="sm"
        variant="danger"
        label={t('removeNamed', { name: site.name })}
        icon={<Trash2 />}
        onClick={onRemove}
      />
    </span>
  );
}

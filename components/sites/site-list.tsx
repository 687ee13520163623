'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Cloud, Pencil, Plus, Power, PowerOff, Server, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import type { SiteRow } from '@/server/sites/schemas';
import { problemOf } from '../api/problem-of';
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
  const actionsFor = (site: SiteRow) => <SiteActions site={site} onRemove={() => setRemoving(site)} />;
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
              rowActions={actionsFor}
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
      id: 'uses',
      header: t('columns.uses'),
      align: 'end',
      cell: ({ uses }) => <span className="tabular">{uses}</span>,
      sort: ({ uses }) => uses,
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
          <Purpose site={site} />
          {site.config && 'insecure' in site.config && site.config.insecure && (
            <Badge tone="danger">{t('unchecked')}</Badge>
          )}
        </p>
      </div>
    </div>
  );
}

/** What a site is for; that of an edge leads to its page in operations. */
function Purpose({ site: { id, purpose } }: { site: SiteRow }) {
  const t = useTranslations('adminSites.purposes');
  if (purpose !== 'edge') return <Badge>{t(purpose)}</Badge>;
  return (
    <Link href={`/operations/edges/${id}`} className="rounded-full">
      <Badge tone="accent">{t(purpose)}</Badge>
    </Link>
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
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const off = site.state === 'disabled';
  const update = useMutation(
    trpc.sites.update.mutationOptions({
      onSuccess: async ({ name }) => {
        toast.success(t(off ? 'enabled' : 'disabled', { name }));
        await queries.invalidateQueries(trpc.sites.pathFilter());
      },
      onError: (error) => void toast.error(problemText(problemOf(error))),
    }),
  );
  const fixed = site.builtIn ? { disabledReason: t('builtInText') } : {};
  return (
    <span className="flex justify-end gap-1">
      <IconButton
        size="sm"
        label={t('editNamed', { name: site.name })}
        icon={<Pencil />}
        {...fixed}
        onClick={() => router.push(`/admin/sites/${site.id}`)}
      />
      <IconButton
        size="sm"
        label={t(off ? 'enable' : 'disable', { name: site.name })}
        icon={off ? <Power /> : <PowerOff />}
        busy={update.isPending}
        {...fixed}
        onClick={() => update.mutate({ siteId: site.id, enabled: off })}
      />
      <IconButton
        size="sm"
        variant="danger"
        label={t('removeNamed', { name: site.name })}
        icon={<Trash2 />}
        {...fixed}
        onClick={onRemove}
      />
    </span>
  );
}

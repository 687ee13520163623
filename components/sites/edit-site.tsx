'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import type { SiteRow } from '@/server/sites/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { useProblemText } from '../ui/error-state';
import { Notice } from '../ui/notice';
import { PageHeader } from '../ui/page-header';
import { SkeletonPage } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { RemoveSiteDialog } from './remove-site-dialog';
import { SiteEditor } from './site-editor';
import { emptySiteForm, loginOf } from './site-form';
import { SiteStateDot } from './site-state';
import { WorkloadEditor } from './workload-editor';
import { workloadFormOf, workloadLoginOf } from './workload-form';

/** The page that changes a site, or takes it out. */
export function EditSite({ siteId }: { siteId: string }) {
  const trpc = useTRPC();
  // Not refreshed behind the person's back: what is being typed would be lost.
  const query = useQuery(
    trpc.sites.get.queryOptions({ siteId }, { refetchOnWindowFocus: false, refetchOnReconnect: false }),
  );
  return (
    <QueryView query={query} pending={<SkeletonPage />}>
      {(site) => <Edit site={site} />}
    </QueryView>
  );
}

function Edit({ site }: { site: SiteRow }) {
  const t = useTranslations('adminSites');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [removing, setRemoving] = useState(false);
  const update = useMutation(
    trpc.sites.update.mutationOptions({
      onSuccess: async ({ name }) => {
        toast.success(t('saved', { name }));
        await queries.invalidateQueries(trpc.sites.pathFilter());
        router.push('/admin/sites');
      },
    }),
  );
  const workload = workloadFormOf(site);
  const common = {
    busy: update.isPending || update.isSuccess,
    problem: update.error ? problemOf(update.error) : undefined,
  };
  return (
    <>
      <PageHeader
        title={site.name}
        crumbs={[{ label: t('title'), href: '/admin/sites' }]}
        status={<SiteStateDot state={site.state} />}
        actions={
          <Button variant="danger" icon={<Trash2 />} onClick={() => setRemoving(true)}>
            {t('remove.confirm')}
          </Button>
        }
      />
      {site.problem && (
        <div className="mb-6">
          <Notice tone="danger" title={t('states.unavailable')}>
            <p>{problemText(site.problem)}</p>
            {site.problem.detail !== undefined && (
              <pre className="mt-1 font-mono text-xs whitespace-pre-wrap">{site.problem.detail}</pre>
            )}
          </Notice>
        </div>
      )}
      {workload ? (
        <WorkloadEditor
          siteId={site.id}
          values={workload}
          {...common}
          onSave={(values) => {
            const { kind: _kind, ...login } = workloadLoginOf(values);
            update.mutate({ siteId: site.id, name: values.name, purpose: values.purpose, ...login });
          }}
        />
      ) : (
        <SiteEditor
          siteId={site.id}
          values={{
            ...emptySiteForm,
            name: site.name,
            purpose: site.purpose,
            ...(site.kind === 'openstack' && site.config && { config: site.config }),
            stored: site.hasSecret,
          }}
          {...common}
          onSave={(values) =>
            update.mutate({ siteId: site.id, name: values.name, purpose: values.purpose, ...loginOf(values) })
          }
        />
      )}
      {removing && <RemoveSiteDialog site={site} onClose={() => setRemoving(false)} />}
    </>
  );
}

'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { toast } from 'sonner';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { PageHeader } from '../ui/page-header';
import { SiteEditor } from './site-editor';
import { emptySiteForm } from './site-form';

/** The page that adds a cloud. */
export function NewSite() {
  const t = useTranslations('adminSites');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const create = useMutation(
    trpc.sites.create.mutationOptions({
      onSuccess: async ({ name }) => {
        toast.success(t('added', { name }));
        await queries.invalidateQueries(trpc.sites.pathFilter());
        router.push('/admin/sites');
      },
    }),
  );
  return (
    <>
      <PageHeader
        title={t('newTitle')}
        description={t('newText')}
        crumbs={[{ label: t('title'), href: '/admin/sites' }]}
      />
      <SiteEditor
        siteId={undefined}
        values={emptySiteForm}
        busy={create.isPending || create.isSuccess}
        problem={create.error ? problemOf(create.error) : undefined}
        onSave={({ name, purpose, config, secret }) =>
          create.mutate({ kind: 'openstack', name, purpose, config, secret })
        }
      />
    </>
  );
}

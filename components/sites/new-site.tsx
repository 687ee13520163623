'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Boxes, Cloud, Container, RadioTower } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import { configurableKinds, type ConfigurableKind } from '@/server/sites/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { PageHeader } from '../ui/page-header';
import { RadioCards } from '../ui/radio-cards';
import { SiteEditor } from './site-editor';
import { emptySiteForm } from './site-form';
import { WorkloadEditor } from './workload-editor';
import { emptyWorkloadForm, newSiteOf } from './workload-form';

const icons = {
  openstack: <Cloud />,
  kubernetes: <Boxes />,
  docker: <Container />,
  edgeyard: <RadioTower />,
};

/**
 * The page that adds a site: a cloud, a cluster, a Docker host or another Edgeyard.
 *
 * @param edge it begins with the form of an edge, which most often is a cluster
 */
export function NewSite({ edge }: { edge: boolean }) {
  const t = useTranslations('adminSites');
  const words = useTranslations('workloadSites.choice');
  const [kind, setKind] = useState<ConfigurableKind>(edge ? 'kubernetes' : 'openstack');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const create = useMutation(
    trpc.sites.create.mutationOptions({
      onSuccess: async ({ id, name, purpose }) => {
        toast.success(t('added', { name }));
        await queries.invalidateQueries(trpc.sites.pathFilter());
        router.push(purpose === 'edge' ? `/operations/edges/${id}` : '/admin/sites');
      },
    }),
  );
  const asked = edge ? { purpose: 'edge' as const } : {};
  const common = {
    busy: create.isPending || create.isSuccess,
    problem: create.error ? problemOf(create.error) : undefined,
  };
  return (
    <>
      <PageHeader
        title={t('newTitle')}
        description={t('newText')}
        crumbs={[{ label: t('title'), href: '/admin/sites' }]}
      />
      <div className="mb-6">
        <RadioCards
          label={words('title')}
          name="kind"
          columns={2}
          value={kind}
          onValueChange={(value) => setKind(configurableKinds.find((each) => each === value) ?? 'openstack')}
          options={configurableKinds.map((value) => ({
            value,
            title: words(value),
            description: words(`${value}Text`),
            icon: icons[value],
          }))}
        />
      </div>
      {kind === 'openstack' ? (
        <SiteEditor
          siteId={undefined}
          values={{ ...emptySiteForm, ...asked }}
          {...common}
          onSave={({ name, purpose, config, secret }) =>
            create.mutate({ kind: 'openstack', name, purpose, config, secret })
          }
        />
      ) : (
        <WorkloadEditor
          key={kind}
          siteId={undefined}
          values={{ ...emptyWorkloadForm(kind), ...asked }}
          {...common}
          onSave={(values) => create.mutate(newSiteOf(values))}
        />
      )}
    </>
  );
}

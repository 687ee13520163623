'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Controller, useForm, useFormContext, useWatch } from 'react-hook-form';
import type { z } from 'zod';
import type { SiteOffers } from '@/server/sites/site';
import type { ProjectView } from '@/server/workbench/model';
import { inItsOwnTime } from '../api/own-time';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC } from '../api/trpc-provider';
import { sitesOfVms } from '../sites/sites-of-vms';
import { ToolPicker } from '../tools/tool-picker';
import { Card } from '../ui/card';
import { Field } from '../ui/field';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { PageHeader } from '../ui/page-header';
import { SideForm } from '../ui/side-form';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { AccessFields } from './create-access';
import { FileFields } from './create-files';
import { FlavorPicker } from './create-flavor';
import { createVmForm, toInput, type CreateVmForm } from './create-form';
import { firstChoices } from './create-choices';
import { CloudFields } from './create-cloud';
import { ImagePicker } from './create-image';
import { NetworkPicker } from './create-network';
import { VmSite } from './create-site';
import { CreateSummary } from './create-summary';

/** The page that creates a VM: everything on it at once, and what comes of it always in sight. */
export function CreateVm({ projectId }: { projectId: string }) {
  const t = useTranslations('workbench');
  const trpc = useTRPC();
  const project = useQuery(trpc.workbench.projects.get.queryOptions({ projectId }));
  const sites = useQuery(trpc.sites.list.queryOptions(undefined, { select: sitesOfVms }));
  const [chosen, setChosen] = useState<string>();
  const siteId = chosen ?? (sites.data?.find(({ state }) => state === 'ready') ?? sites.data?.[0])?.id;
  const offers = useQuery(
    trpc.sites.offers.queryOptions(
      { siteId: siteId ?? '' },
      { ...inItsOwnTime, enabled: siteId !== undefined },
    ),
  );
  return (
    <>
      <PageHeader
        title={t('create.title')}
        crumbs={[
          { label: t('list.title'), href: '/projects' },
          { label: project.data?.name ?? '…', href: `/projects/${projectId}` },
        ]}
      />
      <QueryView query={project} pending={<SkeletonRows />}>
        {(found) => (
          <QueryView query={sites} pending={<SkeletonRows />}>
            {(list) => (
              <div className="flex flex-col gap-6">
                {list.length > 1 && <VmSite sites={list} value={siteId} onChange={setChosen} />}
                <QueryView query={offers} pending={<SkeletonRows label={t('create.asking')} />}>
                  {(offered) => (
                    <CreateForm
                      key={siteId}
                      project={found}
                      siteId={siteId ?? ''}
                      siteName={list.find(({ id }) => id === siteId)?.name ?? ''}
                      offers={offered}
                    />
                  )}
                </QueryView>
              </div>
            )}
          </QueryView>
        )}
      </QueryView>
    </>
  );
}

function CreateForm({
  project,
  siteId,
  siteName,
  offers,
}: {
  project: ProjectView;
  siteId: string;
  siteName: string;
  offers: SiteOffers;
}) {
  const t = useTranslations('workbench.create');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  // One key per form: a double click, or a try again after a lost answer, makes one VM.
  const [requestKey] = useState(newRequestKey);
  const form = useForm<CreateVmForm>({
    defaultValues: firstChoices(project, siteId, offers),
    resolver: zodResolver(createVmForm, {
      error: (issue: z.core.$ZodRawIssue) => t(`rules.${String(issue.path?.[0]) as FieldName}`),
    }),
  });
  const create = useMutation(
    trpc.workbench.vms.create.mutationOptions({
      onSuccess: async ({ vm }) => {
        router.push(`/projects/${project.id}/vms/${vm.id}`);
        // The pages that come ask anew; this one need not, and some of its questions go to the site.
        await queries.invalidateQueries({ queryKey: trpc.workbench.pathKey(), refetchType: 'none' });
      },
    }),
  );
  const { control, register, formState } = form;
  const [imageId, network] = useWatch({ control, name: ['imageId', 'network'] });
  const image = offers.images.find(({ id }) => id === imageId);
  const reachable =
    image?.login !== undefined &&
    offers.networks.some(({ id, kind }) => id === network.id && kind !== 'none');
  const labels = Object.fromEntries(createVmForm.keyof().options.map((name) => [name, t(labelKeys[name])]));

  return (
    <SideForm
      form={form}
      width="narrow"
      onSubmit={(values) => create.mutate({ projectId: project.id, vm: toInput(values), requestKey })}
      side={
        <CreateSummary
          projectId={project.id}
          siteName={siteName}
          offers={offers}
          busy={create.isPending || create.isSuccess}
        >
          <FormErrors
            errors={formState.errors}
            labels={labels}
            problem={create.error ? problemOf(create.error) : undefined}
          />
        </CreateSummary>
      }
    >
      <Card title={t('image')} description={t('imageText')}>
        <Controller
          control={control}
          name="imageId"
          render={({ field, fieldState }) => (
            <ImagePicker
              images={offers.images}
              uploads={offers.cloud !== undefined}
              value={field.value}
              error={fieldState.error?.message}
              onChange={field.onChange}
            />
          )}
        />
      </Card>
      <Card title={t('flavor')} description={t('flavorText')}>
        <Controller
          control={control}
          name="flavor"
          render={({ field }) => (
            <FlavorPicker
              offers={offers}
              image={image}
              value={field.value}
              error={formState.errors.flavor?.message}
              onChange={field.onChange}
            />
          )}
        />
      </Card>
      <NetworkPart offers={offers} />
      <Card>
        <Field
          label={t('name')}
          hint={formState.errors.name ? undefined : t('rules.name')}
          error={formState.errors.name?.message}
          required
        >
          <Input mono autoComplete="off" spellCheck={false} {...register('name')} />
        </Field>
      </Card>
      <Card title={t('access')} description={t('accessText')}>
        <AccessFields image={image} />
        <div className="border-border mt-5 border-t pt-5">
          <FileFields image={image} />
        </div>
      </Card>
      <Card title={t('tools')} description={t('toolsText')}>
        <Controller
          control={control}
          name="toolIds"
          render={({ field }) => (
            <ToolPicker value={field.value} onChange={field.onChange} reachable={reachable} />
          )}
        />
      </Card>
    </SideForm>
  );
}

/** How the guest is reached: what a cloud takes, or a network of the host with its forwards. */
function NetworkPart({ offers }: { offers: SiteOffers }) {
  const t = useTranslations('workbench.create');
  const { control, setValue, formState } = useFormContext<CreateVmForm>();
  const [network, cloud] = useWatch({ control, name: ['network', 'cloud'] });
  const change = { shouldDirty: true, shouldValidate: formState.isSubmitted };
  if (offers.cloud && cloud) {
    return (
      <CloudFields
        offers={offers.cloud}
        networks={offers.networks}
        network={network}
        value={cloud}
        onNetwork={(first) => setValue('network', { ...first, forwards: [] }, change)}
        onChange={(next) => setValue('cloud', next, change)}
      />
    );
  }
  return (
    <Card title={t('network')} description={t('networkText')}>
      <NetworkPicker
        networks={offers.networks}
        value={network}
        error={formState.errors.network?.message}
        onChange={(next) => setValue('network', next, change)}
      />
    </Card>
  );
}

/** Where a rule of the form can be broken: zod names the field. */
type FieldName = keyof CreateVmForm;

/** The fields' labels, by their keys. */
const labelKeys = {
  name: 'name',
  siteId: 'site',
  imageId: 'image',
  flavor: 'flavor',
  network: 'network',
  cloud: 'ways',
  toolIds: 'tools',
  sshKeys: 'sshKeys',
  userData: 'userData',
  files: 'files',
} as const satisfies Record<FieldName, string>;

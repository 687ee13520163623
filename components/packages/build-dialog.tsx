'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useId, useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { buildInput } from '@/server/packages/schemas';
import type { DiskImage } from '@/server/images/schemas';
import type { ProjectView, VmView } from '@/server/workbench/model';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { useByteSize } from '../ui/byte-size';
import { ChoiceField } from '../ui/choice-field';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { FormErrors } from '../ui/form-errors';
import { Select, type SelectOption } from '../ui/select';
import { SkeletonRows } from '../ui/skeleton';
import { BuildContainers } from './build-containers';
import { ChangeLogField, useBuild, VersionField, type BuildFormProps } from './build-fields';

/** Asks what a package shall hold, and starts building it. */
export function BuildDialog({
  project,
  open,
  onOpenChange,
}: {
  project: ProjectView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useTranslations('packages.build');
  const formId = useId();
  const [busy, setBusy] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('title')}
      description={t(project.kind === 'vm' ? 'description' : 'descriptionContainers')}
      size="lg"
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{t('cancel')}</Button>
          <Button type="submit" form={formId} variant="primary" busy={busy}>
            {t('submit')}
          </Button>
        </>
      }
    >
      {open && project.kind === 'vm' && (
        <LoadedForm id={formId} project={project} onBusy={setBusy} onStarted={() => onOpenChange(false)} />
      )}
      {open && project.kind === 'container' && (
        <BuildContainers
          id={formId}
          project={project}
          onBusy={setBusy}
          onStarted={() => onOpenChange(false)}
        />
      )}
    </Dialog>
  );
}

function LoadedForm(props: BuildFormProps) {
  const trpc = useTRPC();
  const vms = useQuery(trpc.workbench.vms.list.queryOptions({ projectId: props.project.id }));
  const images = useQuery(trpc.images.list.queryOptions({ state: 'ready' }));
  if (!vms.data || !images.data) return <SkeletonRows rows={4} />;
  return <BuildForm {...props} vms={vms.data} images={images.data} />;
}

function BuildForm({
  vms,
  images,
  ...props
}: BuildFormProps & { vms: readonly VmView[]; images: readonly DiskImage[] }) {
  const { id, project } = props;
  const t = useTranslations('packages.build');
  const form = useForm({
    defaultValues: {
      version: project.version,
      images: 'embedded' as const,
      imageOfVm: Object.fromEntries(vms.map((vm) => [vm.name, newestImage(vm, images)])),
      changeLog: '',
    },
    resolver: zodResolver(buildInput, { error: () => t('badVersion') }),
  });
  const { build, problem } = useBuild(props);
  const chosen = useWatch({ control: form.control, name: 'imageOfVm' });
  return (
    <Form form={form} id={id} onSubmit={build}>
      <VersionField />
      <ChoiceField
        control={form.control}
        name="images"
        label={t('images')}
        columns={2}
        options={[
          {
            value: 'embedded',
            title: t('embedded'),
            description: t('embeddedText'),
            meta: <Total images={images} chosen={Object.values(chosen ?? {})} />,
          },
          { value: 'reference', title: t('reference'), description: t('referenceText') },
        ]}
      />
      {vms.map((vm) => (
        <Field key={vm.id} label={t('imageOf', { name: vm.name })} hint={t('imageHint')}>
          <ImageSelect vm={vm} images={images} {...form.register(`imageOfVm.${vm.name}`)} />
        </Field>
      ))}
      <ChangeLogField />
      <FormErrors errors={form.formState.errors} problem={problem} />
    </Form>
  );
}

/** What one probably wants to ship: the newest capture of the VM, else what it was made from. */
function newestImage(vm: VmView, images: readonly DiskImage[]): string {
  const captured = images.find(({ source }) => source.kind === 'capture' && source.vmId === vm.id);
  return captured?.id ?? vm.imageId;
}

function Total({ images, chosen }: { images: readonly DiskImage[]; chosen: readonly string[] }) {
  const t = useTranslations('packages.build');
  const size = useByteSize();
  const ids = new Set(chosen);
  const total = images.filter((image) => ids.has(image.id)).reduce((sum, image) => sum + image.size, 0);
  return total === 0 ? null : <span className="tabular">{t('total', { size: size(total) })}</span>;
}

function ImageSelect({
  vm,
  images,
  ...rest
}: { vm: VmView; images: readonly DiskImage[] } & Omit<React.ComponentProps<'select'>, 'children'>) {
  const t = useTranslations('packages.build');
  const size = useByteSize();
  const label = (image: DiskImage) => `${image.name} · ${size(image.size)}`;
  const others = images.filter((image) => image.id !== vm.imageId && image.format === 'qcow2');
  const options: SelectOption[] = [
    { value: vm.imageId, label: t('madeFrom', { name: vm.imageName }) },
    ...others.map((image) => ({
      value: image.id,
      label: label(image),
      group: image.source.kind === 'capture' ? t('captured') : t('others'),
    })),
  ];
  return <Select options={options} {...rest} />;
}

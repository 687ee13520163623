'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download, MoreHorizontal, Pencil, Play, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import type { DiskImage, ImageAction } from '@/server/images/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { useTextOf } from '../i18n/use-text-of';
import { useSubjectJobs } from '../jobs/use-job';
import { Button } from '../ui/button';
import { useByteSize } from '../ui/byte-size';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { DropdownMenu } from '../ui/dropdown-menu';
import { useProblemText } from '../ui/error-state';
import { LinkButton } from '../ui/link-button';
import { IconButton } from '../ui/icon-button';
import { EditImageDialog } from './edit-image-dialog';

/** What can be done with an image; what cannot says why. */
export function ImageActions({ image }: { image: DiskImage }) {
  const t = useTranslations('images.detail');
  const refusalOf = useRefusals(image);
  const [editing, setEditing] = useState(false);
  const [removing, setRemoving] = useState(false);
  const download = refusalOf('download');
  return (
    <>
      <LinkButton
        href={`/api/v1/images/${image.id}/content`}
        download
        icon={<Download />}
        {...(download !== undefined && { disabledReason: download })}
      >
        {t('download')}
      </LinkButton>
      <BootTestButton image={image} refusal={refusalOf('bootTest')} />
      <DropdownMenu
        trigger={<IconButton label={t('more')} icon={<MoreHorizontal />} variant="secondary" />}
        items={[
          {
            label: t('edit'),
            icon: <Pencil />,
            onSelect: () => setEditing(true),
            ...asDisabled(refusalOf('change')),
          },
          {
            label: t('remove'),
            icon: <Trash2 />,
            danger: true,
            onSelect: () => setRemoving(true),
            ...asDisabled(refusalOf('remove')),
          },
        ]}
      />
      {editing && <EditImageDialog image={image} onClose={() => setEditing(false)} />}
      <RemoveDialog image={image} open={removing} onOpenChange={setRemoving} />
    </>
  );
}

function asDisabled(reason: string | undefined): { disabledReason?: string } {
  return reason === undefined ? {} : { disabledReason: reason };
}

function useRefusals(image: DiskImage): (action: ImageAction) => string | undefined {
  const textOf = useTextOf();
  return (action) => {
    const key = image.refusals[action];
    return key === null
      ? undefined
      : (textOf(key, { names: image.usedBy.map(({ name }) => name).join(', ') }) ?? key);
  };
}

function BootTestButton({ image, refusal }: { image: DiskImage; refusal: string | undefined }) {
  const t = useTranslations('images.detail');
  const say = useProblemText();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const jobs = useSubjectJobs({ type: 'image', id: image.id });
  const running = jobs.active.some(({ kind }) => kind === 'image.boot-test');
  const boot = useMutation(
    trpc.images.bootTest.mutationOptions({
      onSuccess: () => toast.success(t('bootStarted')),
      onError: (error) => toast.error(say(problemOf(error))),
      onSettled: () => queryClient.invalidateQueries(trpc.jobs.pathFilter()),
    }),
  );
  return (
    <Button
      icon={<Play />}
      title={t('bootTestHint')}
      busy={boot.isPending || running}
      onClick={() => boot.mutate({ imageId: image.id, test: {} })}
      {...asDisabled(refusal)}
    >
      {t('bootTest')}
    </Button>
  );
}

function RemoveDialog({
  image,
  open,
  onOpenChange,
}: {
  image: DiskImage;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useTranslations('images.detail');
  const size = useByteSize();
  const router = useRouter();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation(trpc.images.remove.mutationOptions());
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('removeTitle', { name: image.name })}
      losses={[t('removeLoss', { name: image.name, size: size(image.size) })]}
      confirmLabel={t('remove')}
      problemOf={problemOf}
      onConfirm={async () => {
        await remove.mutateAsync({ imageId: image.id });
        router.push('/images');
        toast.success(t('removed', { name: image.name }));
        await queryClient.invalidateQueries(trpc.images.list.pathFilter());
      }}
    >
      {t('removeText')}
    </ConfirmDialog>
  );
}

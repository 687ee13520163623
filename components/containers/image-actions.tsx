'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Copy, Info, MoreHorizontal, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import type { ContainerImage } from '@/server/containers/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { DropdownMenu } from '../ui/dropdown-menu';
import { useProblemText } from '../ui/error-state';
import { IconButton } from '../ui/icon-button';
import { SkeletonRows } from '../ui/skeleton';
import { writeClipboard } from '../ui/write-clipboard';
import { imageName, pullCommand } from './image-name';
import { UsesList } from './uses-list';

/** Makes the actions of a table's rows. @param show called when somebody asks for an image's details */
export function imageActionsOf(show: (image: ContainerImage) => void) {
  return (image: ContainerImage) => <ImageActions image={image} onShow={() => show(image)} />;
}

/** What can be done with a container image. */
function ImageActions({ image, onShow }: { image: ContainerImage; onShow: () => void }) {
  const t = useTranslations('containerPages.images');
  const [removing, setRemoving] = useState(false);
  const copy = useCopyPull(image.id);
  return (
    <>
      <DropdownMenu
        label={imageName(image)}
        trigger={<IconButton label={t('actions', { name: imageName(image) })} icon={<MoreHorizontal />} />}
        items={[
          { label: t('details'), icon: <Info />, onSelect: onShow },
          { label: t('copyPull'), icon: <Copy />, onSelect: () => void copy() },
          'separator',
          { label: t('remove'), icon: <Trash2 />, danger: true, onSelect: () => setRemoving(true) },
        ]}
      />
      <RemoveDialog image={image} open={removing} onOpenChange={setRemoving} />
    </>
  );
}

function useCopyPull(imageId: string): () => Promise<void> {
  const t = useTranslations('containerPages.images');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const say = useProblemText();
  const words = useTranslations('ui');
  return async () => {
    try {
      const { pullName } = await queries.fetchQuery(trpc.containers.get.queryOptions({ imageId }));
      if (await writeClipboard(pullCommand(pullName))) toast.success(t('pullCopied'));
      else toast.error(words('copyFailed'));
    } catch (error) {
      toast.error(say(problemOf(error)));
    }
  };
}

function RemoveDialog({
  image,
  open,
  onOpenChange,
}: {
  image: ContainerImage;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useTranslations('containerPages.images');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const detail = useQuery(trpc.containers.get.queryOptions({ imageId: image.id }, { enabled: open }));
  const remove = useMutation(trpc.containers.remove.mutationOptions());
  const name = imageName(image);
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('removeTitle', { name })}
      confirmLabel={t('removeConfirm')}
      cancelLabel={t('cancel')}
      problemOf={problemOf}
      onConfirm={async () => {
        await remove.mutateAsync({ imageId: image.id });
        await queries.invalidateQueries(trpc.containers.pathFilter());
        toast.success(t('removed', { name }));
      }}
    >
      <div className="flex flex-col gap-3">
        <p>{t('removeText')}</p>
        {detail.isPending && <SkeletonRows rows={1} />}
        {detail.data && detail.data.usedBy.length > 0 && <UsesList uses={detail.data.usedBy} />}
      </div>
    </ConfirmDialog>
  );
}

'use client';

import { useMutation } from '@tanstack/react-query';
import { Download, EllipsisVertical, Layers, Rocket, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import type { PackageAction, PackageSummary } from '@/server/packages/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { DeployButton } from '../deployments/deploy-button';
import { useDeploy } from '../deployments/use-deploy';
import { useTextOf } from '../i18n/use-text-of';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { DropdownMenu } from '../ui/dropdown-menu';
import { IconButton } from '../ui/icon-button';
import { LinkButton } from '../ui/link-button';
import { PublishDialog } from './publish-dialog';

/**
 * What can be done with a package; what cannot says why.
 *
 * @param props `compact`: as a row has room for; `onRemoved`: called after it was deleted
 */
export function PackageActions({
  item,
  compact = false,
  onRemoved,
}: {
  item: PackageSummary;
  compact?: boolean;
  onRemoved?: () => void;
}) {
  const t = useTranslations('packages.list');
  const textOf = useTextOf();
  const [open, setOpen] = useState<'publish' | 'remove'>();
  const why = (action: PackageAction) => {
    const key = item.refusals[action];
    return key === null ? {} : { disabledReason: textOf(key) ?? key };
  };
  const href = `/api/v1/packages/${item.id}/content`;
  const deploy = useDeploy(item);
  return (
    <>
      {compact ? (
        <div className="flex items-center justify-end gap-1">
          <Button size="sm" icon={<Rocket />} onClick={() => setOpen('publish')} {...why('publish')}>
            {t('publish')}
          </Button>
          <DropdownMenu
            label={t('actions', { name: item.name, version: item.version })}
            trigger={
              <IconButton
                size="sm"
                icon={<EllipsisVertical />}
                label={t('actions', { name: item.name, version: item.version })}
              />
            }
            items={[
              {
                label: deploy.label,
                icon: <Layers />,
                href: deploy.href,
                ...(deploy.disabledReason !== undefined && { disabledReason: deploy.disabledReason }),
              },
              {
                label: t('download'),
                icon: <Download />,
                onSelect: () => window.location.assign(href),
                ...why('download'),
              },
              'separator',
              {
                label: t('remove'),
                icon: <Trash2 />,
                danger: true,
                onSelect: () => setOpen('remove'),
                ...why('remove'),
              },
            ]}
          />
        </div>
      ) : (
        <>
          <Button variant="ghost" icon={<Trash2 />} onClick={() => setOpen('remove')} {...why('remove')}>
            {t('remove')}
          </Button>
          <LinkButton href={href} download={item.fileName} icon={<Download />} {...why('download')}>
            {t('download')}
          </LinkButton>
          <DeployButton item={item} />
          <Button variant="primary" icon={<Rocket />} onClick={() => setOpen('publish')} {...why('publish')}>
            {t('publish')}
          </Button>
        </>
      )}
      <PublishDialog
        item={item}
        open={open === 'publish'}
        onOpenChange={(now) => setOpen(now ? 'publish' : undefined)}
      />
      <RemoveDialog
        item={item}
        open={open === 'remove'}
        onOpenChange={(now) => setOpen(now ? 'remove' : undefined)}
        onRemoved={onRemoved}
      />
    </>
  );
}

function RemoveDialog({
  item,
  open,
  onOpenChange,
  onRemoved,
}: {
  item: PackageSummary;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onRemoved: (() => void) | undefined;
}) {
  const t = useTranslations('packages.list');
  const trpc = useTRPC();
  const removing = useMutation(trpc.packages.remove.mutationOptions());
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('removeTitle', { name: item.name, version: item.version })}
      losses={[t('removeLoss', { file: item.fileName })]}
      confirmLabel={t('remove')}
      problemOf={problemOf}
      onConfirm={async () => {
        await removing.mutateAsync({ id: item.id });
        toast.success(t('removed'));
        onRemoved?.();
      }}
    >
      {t('removeText')}
    </ConfirmDialog>
  );
}

'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { toast } from 'sonner';
import type { SiteRow } from '@/server/sites/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Notice } from '../ui/notice';

/** Asks before a site is taken out. The server refuses while something of ours is on it, and says what. */
export function RemoveSiteDialog({
  site,
  onClose,
}: {
  site: Pick<SiteRow, 'id' | 'name' | 'vmCount'>;
  onClose: () => void;
}) {
  const t = useTranslations('adminSites.remove');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const remove = useMutation(trpc.sites.remove.mutationOptions());
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t('title', { name: site.name })}
      losses={[t('login'), t('choices')]}
      confirmLabel={t('confirm')}
      problemOf={problemOf}
      onConfirm={async () => {
        await remove.mutateAsync({ siteId: site.id });
        toast.success(t('done', { name: site.name }));
        await queries.invalidateQueries(trpc.sites.pathFilter());
        router.push('/admin/sites');
      }}
    >
      {site.vmCount > 0 ? (
        <Notice tone="warning">{t('inUse', { count: site.vmCount })}</Notice>
      ) : (
        <p>{t('text')}</p>
      )}
    </ConfirmDialog>
  );
}

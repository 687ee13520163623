'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { toast } from 'sonner';
import type { SiteRow } from '@/server/sites/schemas';
import type { SiteUse } from '@/server/sites/sites';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Dialog } from '../ui/dialog';
import { ErrorState } from '../ui/error-state';
import { Notice } from '../ui/notice';
import { SkeletonRows } from '../ui/skeleton';

interface Props {
  site: Pick<SiteRow, 'id' | 'name' | 'state'>;
  onClose: () => void;
}

/**
 * Asks before a site is taken out. One that something of ours is on stays; unless it does not answer any more, when it
 * can be forgotten with all that was on it.
 */
export function RemoveSiteDialog({ site, onClose }: Props) {
  const t = useTranslations('adminSites.remove');
  const trpc = useTRPC();
  // Asked each time: what is on a site changes while the list stands.
  const uses = useQuery(trpc.sites.uses.queryOptions({ siteId: site.id }, { staleTime: 0, gcTime: 0 }));
  const close = (open: boolean) => {
    if (!open) onClose();
  };
  const title = t('title', { name: site.name });
  if (!uses.data) {
    return (
      <Dialog open onOpenChange={close} title={title}>
        {uses.error ? (
          <ErrorState compact problem={problemOf(uses.error)} onRetry={() => void uses.refetch()} />
        ) : (
          <SkeletonRows rows={3} />
        )}
      </Dialog>
    );
  }
  if (uses.data.length === 0) return <Remove site={site} onClose={onClose} />;
  if (site.state !== 'ready') return <Forget site={site} uses={uses.data} onClose={onClose} />;
  return (
    <Dialog open onOpenChange={close} title={title} footer={<Button onClick={onClose}>{t('close')}</Button>}>
      <Notice tone="warning" title={t('inUse', { count: uses.data.length })}>
        <ul className="list-disc ps-5">
          {uses.data.map(({ id, kind, name }) => (
            <li key={id}>{t(`uses.${kind}`, { name })}</li>
          ))}
        </ul>
      </Notice>
    </Dialog>
  );
}

function Remove({ site, onClose }: Props) {
  const t = useTranslations('adminSites.remove');
  const take = useTakeOut(site);
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
      onConfirm={() => take(false)}
    >
      <p>{t('text')}</p>
    </ConfirmDialog>
  );
}

/** For a site that is gone for good: nothing can be deleted there any more, only here. */
function Forget({ site, uses, onClose }: Props & { uses: readonly SiteUse[] }) {
  const t = useTranslations('adminSites.remove');
  const take = useTakeOut(site);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t('forgetTitle', { name: site.name })}
      losses={[...uses.map(({ kind, name }) => t(`uses.${kind}`, { name })), t('login'), t('choices')]}
      confirmLabel={t('forget')}
      typeToConfirm={site.name}
      problemOf={problemOf}
      onConfirm={() => take(true)}
    >
      <p>{t('forgetText', { count: uses.length })}</p>
    </ConfirmDialog>
  );
}

/** @returns what takes the site out; with `force` also what is on it */
function useTakeOut({ id, name }: Props['site']): (force: boolean) => Promise<void> {
  const t = useTranslations('adminSites.remove');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const remove = useMutation(trpc.sites.remove.mutationOptions());
  return async (force) => {
    const { dropped } = await remove.mutateAsync({ siteId: id, force });
    toast.success(force ? t('forgotten', { name, count: dropped.length }) : t('done', { name }));
    await Promise.all([
      queries.invalidateQueries(trpc.sites.pathFilter()),
      queries.invalidateQueries(trpc.workbench.pathFilter()),
      queries.invalidateQueries(trpc.deployments.pathFilter()),
    ]);
    router.push('/admin/sites');
  };
}

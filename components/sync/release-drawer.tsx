'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { PackagePlus, RefreshCw, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Drawer } from '../ui/drawer';
import { ErrorState } from '../ui/error-state';
import { LinkButton } from '../ui/link-button';
import { SkeletonRows } from '../ui/skeleton';
import { ReleaseFacts } from './release-facts';
import { ReleaseImageList } from './release-image-list';
import { ReleaseProof } from './release-proof';
import { SyncStateCell } from './sync-state';
import { useSync } from './use-sync';

/** All that is known of a release of a catalogue. */
export function ReleaseDrawer({
  releaseId,
  mayAct,
  onClose,
}: {
  releaseId: string;
  mayAct: boolean;
  onClose: () => void;
}) {
  const t = useTranslations('syncPages.release');
  const trpc = useTRPC();
  const { data: release, error, refetch } = useQuery(trpc.sync.release.queryOptions({ id: releaseId }));
  return (
    <Drawer
      open
      onOpenChange={onClose}
      size="lg"
      title={release ? `${release.name} ${release.version}` : t('title')}
      {...(release && { description: release.provider })}
      {...(release && { footer: <Actions release={release} mayAct={mayAct} onGone={onClose} /> })}
    >
      {release ? (
        <div className="flex flex-col gap-7">
          <SyncStateCell release={release} />
          {release.description !== '' && <p className="text-pretty">{release.description}</p>}
          <ReleaseProof release={release} />
          <ReleaseImageList release={release} />
          <ReleaseFacts release={release} />
        </div>
      ) : error ? (
        <ErrorState compact problem={problemOf(error)} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </Drawer>
  );
}

function Actions({
  release,
  mayAct,
  onGone,
}: {
  release: SyncedRelease;
  mayAct: boolean;
  onGone: () => void;
}) {
  const t = useTranslations('syncPages.releases');
  const sync = useSync();
  const [dropping, setDropping] = useState(false);
  const { id, state, withdrawnAt } = release;
  const why = mayAct ? undefined : t('operatorsOnly');
  const held = state === 'inSync';
  return (
    <div className="flex flex-wrap gap-2">
      <Button
        icon={<RefreshCw />}
        variant={held ? 'secondary' : 'primary'}
        busy={sync.isPending || state === 'syncing'}
        disabledReason={why ?? (withdrawnAt === null ? undefined : t('isWithdrawn'))}
        onClick={() => sync.mutate([id])}
      >
        {t(held ? 'again' : 'sync')}
      </Button>
      <LinkButton
        icon={<PackagePlus />}
        variant={held ? 'primary' : 'secondary'}
        href={`/operations/distributions/new?releases=${encodeURIComponent(id)}`}
        disabledReason={why ?? (held ? undefined : t('syncFirst'))}
      >
        {t('distribute')}
      </LinkButton>
      <Button
        variant="ghost"
        icon={<Trash2 />}
        disabledReason={why ?? (held ? undefined : t('nothingHeld'))}
        onClick={() => setDropping(true)}
      >
        {t('drop')}
      </Button>
      {dropping && <DropDialog release={release} onClose={() => setDropping(false)} onGone={onGone} />}
    </div>
  );
}

function DropDialog({
  release,
  onClose,
  onGone,
}: {
  release: SyncedRelease;
  onClose: () => void;
  onGone: () => void;
}) {
  const t = useTranslations('syncPages.release');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const name = `${release.name} ${release.version}`;
  const drop = useMutation(
    trpc.sync.remove.mutationOptions({
      onSuccess: async () => {
        toast.success(t('dropped', { name }));
        // A withdrawn one is forgotten altogether: its drawer would have nothing to show.
        if (release.withdrawnAt !== null) onGone();
        await queries.invalidateQueries(trpc.sync.pathFilter());
      },
    }),
  );
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('dropTitle', { name })}
      losses={[t('lossPackage'), ...release.images.map((image) => image.name)]}
      confirmLabel={t('dropConfirm')}
      problemOf={problemOf}
      onConfirm={async () => {
        await drop.mutateAsync({ id: release.id });
      }}
    >
      {t(release.withdrawnAt === null ? 'dropText' : 'dropWithdrawnText')}
    </ConfirmDialog>
  );
}

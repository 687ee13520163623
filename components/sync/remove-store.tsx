'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { toast } from 'sonner';
import type { StoreView } from '@/server/operations/sync/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { ConfirmDialog } from '../ui/confirm-dialog';

/** Forgets a store; what was synced from it stays. */
export function RemoveStoreDialog({ store, onClose }: { store: StoreView; onClose: () => void }) {
  const t = useTranslations('syncPages.stores');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const remove = useMutation(
    trpc.sync.removeStore.mutationOptions({
      onSuccess: async () => {
        toast.success(t('removed', { name: store.name }));
        await queries.invalidateQueries(trpc.sync.pathFilter());
      },
    }),
  );
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('removeTitle', { name: store.name })}
      confirmLabel={t('removeConfirm')}
      problemOf={problemOf}
      onConfirm={async () => {
        await remove.mutateAsync({ id: store.id });
      }}
    >
      {t('removeText')}
    </ConfirmDialog>
  );
}

'use client';

import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { StoreView } from '@/server/operations/sync/schemas';
import { useTRPC } from '../api/trpc-provider';
import { LinkButton } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';
import { SkeletonCards } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { RemoveStoreDialog } from './remove-store';
import { StoreCard } from './store-card';

/** The stores that releases are synced from. */
export function StoresPage({ mayAct, mayConfigure }: { mayAct: boolean; mayConfigure: boolean }) {
  const t = useTranslations('syncPages.stores');
  const trpc = useTRPC();
  const query = useQuery(trpc.sync.stores.queryOptions());
  const [removing, setRemoving] = useState<StoreView>();
  return (
    <>
      <PageHeader
        title={t('title')}
        description={t('text')}
        actions={
          <LinkButton
            href="/operations/stores/new"
            variant="primary"
            icon={<Plus />}
            disabledReason={mayConfigure ? undefined : t('adminsOnly')}
          >
            {t('add')}
          </LinkButton>
        }
      />
      <QueryView query={query} pending={<SkeletonCards cards={2} label={t('loading')} />}>
        {(stores) => (
          <div className="grid items-start gap-5 xl:grid-cols-2">
            {stores.map((store) => (
              <StoreCard
                key={store.id}
                store={store}
                mayAct={mayAct}
                mayConfigure={mayConfigure}
                onRemove={() => setRemoving(store)}
              />
            ))}
          </div>
        )}
      </QueryView>
      {removing && <RemoveStoreDialog store={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

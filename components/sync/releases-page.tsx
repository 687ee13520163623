'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useSearchParams } from 'next/navigation';
import { useDeferredValue, useState } from 'react';
import type { StoreView } from '@/server/operations/sync/schemas';
import { useTRPC } from '../api/trpc-provider';
import { PageHeader } from '../ui/page-header';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { ReleaseDrawer } from './release-drawer';
import { ReleaseFilterBar } from './release-filter-bar';
import { ReleaseTable } from './release-table';
import { ReleaseTabs } from './release-tabs';
import {
  readReleaseAddress,
  releaseFilterOf,
  writeReleaseAddress,
  type ReleaseAddress,
} from './release-filter';

/** The catalogues of all stores: what is new, what changed, what is in step; and what to sync of it. */
export function ReleasesPage({ mayAct }: { mayAct: boolean }) {
  const t = useTranslations('syncPages.releases');
  const trpc = useTRPC();
  const [address, change] = useAddress();
  const stores = useQuery(trpc.sync.stores.queryOptions());
  const filter = useDeferredValue(releaseFilterOf(address));
  const [limit, more] = useLimit(JSON.stringify(filter));
  const query = useQuery(
    trpc.sync.page.queryOptions({ ...filter, limit }, { placeholderData: keepPreviousData }),
  );
  return (
    <>
      <PageHeader title={t('title')} description={t('text')} />
      <div className="flex flex-col gap-4">
        <ReleaseTabs
          tab={address.tab}
          counts={countsOf(stores.data, address.store)}
          onTab={(tab) => change({ tab, state: undefined })}
        />
        <ReleaseFilterBar address={address} stores={stores.data ?? []} onChange={change} />
        <QueryView query={query} pending={<SkeletonRows rows={8} label={t('loading')} />}>
          {({ releases, total }) => (
            <ReleaseTable
              // Another tab is another list: what was chosen in one is not in the other.
              key={address.tab}
              releases={releases}
              total={total}
              // The last of them are on their way: until they are here their button stays, and keeps the focus.
              onMore={limit < mostShown || query.isPlaceholderData ? more : undefined}
              stores={stores.data}
              address={address}
              mayAct={mayAct}
              busy={query.isPlaceholderData}
              onOpen={(release) => change({ release })}
              onClear={() => change({ q: '', store: undefined, kind: undefined, state: undefined })}
            />
          )}
        </QueryView>
      </div>
      {address.release !== undefined && (
        <ReleaseDrawer
          releaseId={address.release}
          mayAct={mayAct}
          onClose={() => change({ release: undefined })}
        />
      )}
    </>
  );
}

/** How many releases are asked for first, with each "more", and at most. */
const step = 200;
const mostShown = 1000;

/** How many releases to show; another filter begins anew. */
function useLimit(filter: string): [number, () => void] {
  const [asked, ask] = useState({ filter, limit: step });
  const limit = asked.filter === filter ? asked.limit : step;
  return [limit, () => ask({ filter, limit: Math.min(mostShown, limit + step) })];
}

/** What the address asks for, and how to change it. What is being typed does not wait for the address. */
function useAddress(): [ReleaseAddress, (change: Partial<ReleaseAddress>) => void] {
  const inAddress = readReleaseAddress(useSearchParams());
  const [typed, setTyped] = useState(inAddress.q);
  const address = { ...inAddress, q: typed };
  const change = (part: Partial<ReleaseAddress>) => {
    const next = { ...address, ...part };
    setTyped(next.q);
    window.history.replaceState(null, '', `${window.location.pathname}${writeReleaseAddress(next)}`);
  };
  return [address, change];
}

/** How many releases each tab has, as the stores count them; undefined while they are not known. */
function countsOf(
  stores: readonly StoreView[] | undefined,
  only: string | undefined,
): StoreView['counts'] | undefined {
  return stores
    ?.filter(({ id }) => only === undefined || id === only)
    .reduce(
      (sum, { counts }) => ({
        new: sum.new + counts.new,
        changed: sum.changed + counts.changed,
        inStep: sum.inStep + counts.inStep,
        withdrawn: sum.withdrawn + counts.withdrawn,
      }),
      { new: 0, changed: 0, inStep: 0, withdrawn: 0 },
    );
}

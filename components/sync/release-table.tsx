'use client';

import { PackagePlus, PackageSearch, RefreshCw, SearchX } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { StoreView, SyncedRelease } from '@/server/operations/sync/schemas';
import { Button } from '../ui/button';
import { DataTable } from '../ui/data-table';
import { EmptyState } from '../ui/empty-state';
import { IconButton } from '../ui/icon-button';
import { LinkButton } from '../ui/link-button';
import { useReleaseColumns } from './release-columns';
import type { ReleaseAddress } from './release-filter';
import { useSync } from './use-sync';

/** Releases of the catalogues; one or many of them are synced, or brought to edges. */
export function ReleaseTable({
  releases,
  total,
  stores,
  address,
  mayAct,
  busy,
  onMore,
  onOpen,
  onClear,
}: {
  releases: readonly SyncedRelease[];
  /** How many there are; more than are shown, it may be. */
  total: number;
  stores: readonly StoreView[] | undefined;
  address: ReleaseAddress;
  mayAct: boolean;
  busy: boolean;
  /** Shows more of them; undefined where so many are shown that one had better look for one. */
  onMore: (() => void) | undefined;
  onOpen: (releaseId: string) => void;
  onClear: () => void;
}) {
  const t = useTranslations('syncPages.releases');
  const columns = useReleaseColumns(onOpen);
  const { chosen, selected, choose } = useChosen(releases);
  const hidden = chosen.filter(({ id }) => !releases.some((each) => each.id === id)).length;
  const some = releases.length < total ? 'yes' : 'no';
  const actionsFor = (release: SyncedRelease) => <OneActions release={release} mayAct={mayAct} />;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="flex flex-wrap items-center gap-2">
          <p role="status" className="text-text-muted tabular text-sm">
            {chosen.length > 0
              ? t('chosen', { count: chosen.length, hidden })
              : t('count', { some, shown: releases.length, count: total })}
          </p>
          {chosen.length > 0 && (
            <Button size="sm" variant="ghost" onClick={() => choose([])}>
              {t('chooseNone')}
            </Button>
          )}
        </div>
        <ManyActions
          releases={releases}
          chosen={chosen}
          some={some}
          mayAct={mayAct}
          onStarted={() => choose([])}
        />
      </div>
      <DataTable
        label={t('title')}
        rows={releases}
        columns={columns}
        rowId={({ id }) => id}
        rowActions={actionsFor}
        busy={busy}
        pageSize={50}
        selection={{ selected, onChange: choose }}
        empty={<Nothing address={address} stores={stores} onClear={onClear} />}
      />
      {releases.length < total && (
        <p className="text-text-muted flex flex-wrap items-center justify-center gap-3 text-sm">
          {onMore ? (
            <Button busy={busy} onClick={onMore}>
              {t('more')}
            </Button>
          ) : (
            t('tooMany', { shown: releases.length })
          )}
        </p>
      )}
    </div>
  );
}

/** What was chosen, also of what a search does not show any more: it stays chosen until something is done with it. */
function useChosen(releases: readonly SyncedRelease[]) {
  const [kept, keep] = useState<readonly SyncedRelease[]>([]);
  const shown = new Map(releases.map((release) => [release.id, release]));
  const chosen = kept.map((release) => shown.get(release.id) ?? release);
  const choose = (ids: Iterable<string>) => {
    const known = new Map([...chosen, ...releases].map((release) => [release.id, release]));
    keep([...ids].flatMap((id) => known.get(id) ?? []));
  };
  return { chosen, selected: new Set(chosen.map(({ id }) => id)), choose };
}

/** Why a release cannot be synced; undefined when it can. */
function useReasonAgainst(mayAct: boolean): (release: SyncedRelease) => string | undefined {
  const t = useTranslations('syncPages.releases');
  return ({ state, withdrawnAt }) => {
    if (!mayAct) return t('operatorsOnly');
    if (state === 'syncing') return t('syncing');
    return withdrawnAt === null ? undefined : t('isWithdrawn');
  };
}

function ManyActions({
  releases,
  chosen,
  some,
  mayAct,
  onStarted,
}: {
  releases: readonly SyncedRelease[];
  chosen: readonly SyncedRelease[];
  /** Whether there are more than those that are shown. */
  some: 'yes' | 'no';
  mayAct: boolean;
  onStarted: () => void;
}) {
  const t = useTranslations('syncPages.releases');
  const against = useReasonAgainst(mayAct);
  const sync = useSync(onStarted);
  const all = chosen.length === 0;
  // Without a choice: everything of the list that is not here yet.
  const wanted = (all ? releases.filter(({ state }) => state !== 'inSync') : chosen).filter(
    (release) => against(release) === undefined,
  );
  const ready = chosen.filter(({ state }) => state === 'inSync').map(({ id }) => id);
  const why = mayAct ? undefined : t('operatorsOnly');
  return (
    <div className="flex flex-wrap gap-2">
      <LinkButton
        size="sm"
        icon={<PackagePlus />}
        href={`/operations/distributions/new?releases=${ready.map(encodeURIComponent).join(',')}`}
        disabledReason={
          why ?? (ready.length > 0 ? undefined : t(chosen.length === 0 ? 'chooseFirst' : 'syncFirst'))
        }
      >
        {t('distribute')}
      </LinkButton>
      <Button
        size="sm"
        variant="primary"
        icon={<RefreshCw />}
        busy={sync.isPending}
        disabledReason={why ?? (wanted.length > 0 ? undefined : t(all ? 'nothingToSync' : 'noneCanBeSynced'))}
        onClick={() => sync.mutate(wanted.map(({ id }) => id))}
      >
        {all ? t('syncAll', { some, count: wanted.length }) : t('syncChosen', { count: wanted.length })}
      </Button>
    </div>
  );
}

function OneActions({ release, mayAct }: { release: SyncedRelease; mayAct: boolean }) {
  const t = useTranslations('syncPages.releases');
  const router = useRouter();
  const against = useReasonAgainst(mayAct);
  const sync = useSync();
  const { id, name, version, state } = release;
  const words = { name: `${name} ${version}` };
  return (
    <>
      <IconButton
        size="sm"
        label={t(state === 'inSync' ? 'syncAgain' : 'syncNamed', words)}
        icon={<RefreshCw />}
        busy={sync.isPending || state === 'syncing'}
        disabledReason={against(release)}
        onClick={() => sync.mutate([id])}
      />
      <IconButton
        size="sm"
        label={t('distributeNamed', words)}
        icon={<PackagePlus />}
        disabledReason={mayAct ? (state === 'inSync' ? undefined : t('syncFirst')) : t('operatorsOnly')}
        onClick={() => router.push(`/operations/distributions/new?releases=${encodeURIComponent(id)}`)}
      />
    </>
  );
}

function Nothing({
  address,
  stores,
  onClear,
}: {
  address: ReleaseAddress;
  stores: readonly StoreView[] | undefined;
  onClear: () => void;
}) {
  const t = useTranslations('syncPages.releases');
  const filtered =
    address.q !== '' || [address.store, address.kind, address.state].some((each) => each !== undefined);
  if (filtered)
    return (
      <EmptyState
        compact
        icon={<SearchX />}
        title={t('noneFits')}
        action={<Button onClick={onClear}>{t('clear')}</Button>}
      />
    );
  const unread = stores?.every(({ readAt }) => readAt === null) === true;
  return (
    <EmptyState
      icon={<PackageSearch />}
      title={t(unread ? 'unreadTitle' : `empty.${address.tab}`)}
      action={<LinkButton href="/operations/stores">{t('toStores')}</LinkButton>}
    >
      {t(unread ? 'unreadText' : 'emptyText')}
    </EmptyState>
  );
}

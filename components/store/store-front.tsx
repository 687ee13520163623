'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { SearchX, Store } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useSearchParams } from 'next/navigation';
import { useDeferredValue, useState } from 'react';
import type { SearchResult } from '@/server/store/schemas';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { CardGrid } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { SearchInput } from '../ui/input';
import { LinkButton } from '../ui/link-button';
import { SkeletonCards } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { StoreAppCard } from './app-card';
import {
  filterNames,
  pageSize,
  readAddress,
  searchOf,
  writeAddress,
  type StoreAddress,
} from './store-address';
import { StoreFilters } from './store-filters';
import { StoreHero } from './store-hero';
import { TypeChips } from './type-chips';

/**
 * The store: search as you type, filters in the address.
 *
 * @param props `initial`: what the server found for the address it was asked with
 */
export function StoreFront({ initial }: { initial: SearchResult }) {
  const t = useTranslations('store.front');
  const trpc = useTRPC();
  const params = useSearchParams();
  const inAddress = readAddress((name) => params.get(name));
  // The address follows in a transition; what is being typed must not wait for it.
  const [typed, setTyped] = useState(inAddress.q ?? '');
  const [first, setFirst] = useState(() => ({ initial, key: JSON.stringify(searchOf(inAddress)) }));
  if (first.initial !== initial) {
    // The server was asked anew: somebody followed a link to another address of the store.
    setFirst({ initial, key: JSON.stringify(searchOf(inAddress)) });
    setTyped(inAddress.q ?? '');
  }
  const address = { ...inAddress, q: typed || undefined };
  const search = useDeferredValue(searchOf(address));
  const query = useQuery(
    trpc.store.search.queryOptions(search, {
      placeholderData: keepPreviousData,
      ...(JSON.stringify(search) === first.key && { initialData: initial }),
    }),
  );
  const change = (part: Partial<StoreAddress>) => {
    // Next keeps useSearchParams in step with the history; no request to the server is needed.
    window.history.replaceState(null, '', writeAddress({ ...address, page: undefined, ...part }));
  };
  const asking = typed.trim() !== '' || filterNames.some((name) => address[name] !== undefined);
  return (
    <>
      <StoreHero>
        <SearchInput
          value={typed}
          onValueChange={(q) => {
            setTyped(q);
            change({ q, sort: undefined });
          }}
          label={t('search')}
          placeholder={t('searchHint')}
          className="max-w-xl [&_input]:h-11 [&_input]:text-base"
        />
      </StoreHero>
      <div className="flex flex-col gap-5">
        <TypeChips
          counts={query.data?.facets.type}
          value={address.type}
          onChange={(type) => change({ type })}
        />
        <StoreFilters address={address} facets={query.data?.facets} onChange={change} />
        <QueryView query={query} pending={<SkeletonCards cards={9} label={t('loading')} />}>
          {({ apps, total }) => (
            <>
              <p role="status" className="text-text-muted tabular text-sm">
                {t('count', { count: total })}
              </p>
              {apps.length === 0 ? (
                <Nothing
                  asking={asking}
                  onClear={() => {
                    setTyped('');
                    window.history.replaceState(null, '', '/store');
                  }}
                />
              ) : (
                <CardGrid>
                  {apps.map((app) => (
                    <StoreAppCard key={app.id} app={app} />
                  ))}
                </CardGrid>
              )}
              <Pager address={address} total={total} onPage={(page) => change({ page })} />
            </>
          )}
        </QueryView>
      </div>
    </>
  );
}

function Nothing({ asking, onClear }: { asking: boolean; onClear: () => void }) {
  const t = useTranslations('store.front');
  if (!asking) {
    return (
      <EmptyState
        icon={<Store />}
        title={t('emptyTitle')}
        action={<LinkButton href="/projects">{t('emptyAction')}</LinkButton>}
      >
        {t('emptyText')}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<SearchX />}
      title={t('noneTitle')}
      action={<Button onClick={onClear}>{t('clear')}</Button>}
    >
      {t('noneText')}
    </EmptyState>
  );
}

function Pager({
  address,
  total,
  onPage,
}: {
  address: StoreAddress;
  total: number;
  onPage: (page: number) => void;
}) {
  const t = useTranslations('store.front');
  const page = address.page ?? 1;
  const last = Math.max(1, Math.ceil(total / pageSize));
  if (last === 1 && page === 1) return null;
  const go = (to: number) => {
    onPage(to);
    window.scrollTo({ top: 0 });
  };
  return (
    <nav aria-label={t('pages')} className="flex flex-wrap items-center justify-center gap-4">
      <Button
        onClick={() => go(Math.min(page - 1, last))}
        {...(page <= 1 && { disabledReason: t('noPrevious') })}
      >
        {t('previous')}
      </Button>
      <span className="text-text-muted tabular text-sm">
        {t('shown', {
          from: Math.min((page - 1) * pageSize + 1, total),
          to: Math.min(page * pageSize, total),
          total,
        })}
      </span>
      <Button onClick={() => go(page + 1)} {...(page >= last && { disabledReason: t('noNext') })}>
        {t('next')}
      </Button>
    </nav>
  );
}

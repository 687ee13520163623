'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { toast } from 'sonner';
import type { StoreView } from '@/server/operations/sync/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC, useTRPCClient } from '../api/trpc-provider';
import { EmptyState } from '../ui/empty-state';
import { LinkButton } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';
import { SkeletonPage } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { StoreEditor } from './store-editor';
import { createOf, emptyStoreForm, storeFormOf, updateOf, type StoreForm } from './store-form';
import { useStoreName } from './store-words';

/** The page that adds a store. */
export function NewStore() {
  const t = useTranslations('syncPages.stores');
  const client = useTRPCClient();
  const save = useSave(async (form) => {
    const store = await client.sync.createStore.mutate(createOf(form));
    // Its catalogue is what it was added for; whether it can be read is seen on the page of stores.
    await client.sync.refresh.mutate({ id: store.id });
    return t('added', { name: store.name });
  });
  return (
    <>
      <Header title={t('newTitle')} description={t('newText')} />
      <StoreEditor values={emptyStoreForm} isNew {...save} />
    </>
  );
}

/** The page that changes a store. */
export function EditStore({ storeId }: { storeId: string }) {
  const t = useTranslations('syncPages.stores');
  const trpc = useTRPC();
  // Not refreshed behind the person's back: what is being typed would be lost.
  const query = useQuery(
    trpc.sync.stores.queryOptions(undefined, { refetchOnWindowFocus: false, refetchOnReconnect: false }),
  );
  return (
    <QueryView query={query} pending={<SkeletonPage />}>
      {(stores) => {
        const store = stores.find(({ id }) => id === storeId);
        if (store) return <Edit key={store.id} store={store} />;
        return (
          <EmptyState
            title={t('gone')}
            action={<LinkButton href="/operations/stores">{t('title')}</LinkButton>}
          />
        );
      }}
    </QueryView>
  );
}

function Edit({ store }: { store: StoreView }) {
  const t = useTranslations('syncPages.stores');
  const client = useTRPCClient();
  const nameOf = useStoreName();
  const save = useSave(async (form) => {
    const changed = await client.sync.updateStore.mutate({ id: store.id, store: updateOf(form) });
    return t('saved', { name: nameOf(changed) });
  });
  return (
    <>
      <Header title={nameOf(store)} {...(store.kind === 'own' && { description: t('ownEditText') })} />
      <StoreEditor values={storeFormOf(store)} isNew={false} {...save} />
    </>
  );
}

function Header({ title, description }: { title: string; description?: string }) {
  const t = useTranslations('syncPages.stores');
  return (
    <PageHeader
      title={title}
      description={description}
      crumbs={[{ label: t('title'), href: '/operations/stores' }]}
    />
  );
}

/** Saves, says so and goes back to the stores. @param send gives what is said */
function useSave(send: (form: StoreForm) => Promise<string>) {
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: send,
    onSuccess: async (said) => {
      toast.success(said);
      await queries.invalidateQueries(trpc.sync.pathFilter());
      router.push('/operations/stores');
    },
  });
  return {
    busy: save.isPending || save.isSuccess,
    problem: save.error ? problemOf(save.error) : undefined,
    onSave: (form: StoreForm) => save.mutate(form),
  };
}

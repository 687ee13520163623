import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { readAddress, searchOf } from '@/components/store/store-address';
import { StoreFront } from '@/components/store/store-front';
import { callerOfRequest } from '@/server/api/trpc/server';

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('store.front');
  return { title: t('title'), description: t('description') };
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function StorePage({ searchParams }: Props) {
  const params = await searchParams;
  const address = readAddress((name) => {
    const value = params[name];
    return Array.isArray(value) ? value[0] : value;
  });
  const initial = await (await callerOfRequest()).store.search(searchOf(address));
  return <StoreFront initial={initial} />;
}

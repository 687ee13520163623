import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { StoresPage } from '@/components/sync/stores-page';
import { hasRole } from '@/server/access/actor';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('syncPages.stores'))('title') };
}

export default async function StoreListPage() {
  const actor = await requirePageRole('developer');
  return <StoresPage mayAct={hasRole(actor, 'operator')} mayConfigure={hasRole(actor, 'admin')} />;
}

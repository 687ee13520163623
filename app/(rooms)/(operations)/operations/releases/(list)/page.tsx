import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { ReleasesPage } from '@/components/sync/releases-page';
import { hasRole } from '@/server/access/actor';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('syncPages.releases'))('title') };
}

export default async function CataloguePage() {
  const actor = await requirePageRole('developer');
  return <ReleasesPage mayAct={hasRole(actor, 'operator')} />;
}

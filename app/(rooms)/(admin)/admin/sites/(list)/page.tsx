import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { SiteList } from '@/components/sites/site-list';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('adminSites'))('title') };
}

export default async function SitesPage() {
  await requirePageRole('admin');
  return <SiteList />;
}

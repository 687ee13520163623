import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { NewSite } from '@/components/sites/new-site';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('adminSites'))('newTitle') };
}

interface Query {
  searchParams: Promise<{ purpose?: string }>;
}

export default async function NewSitePage({ searchParams }: Query) {
  await requirePageRole('admin');
  return <NewSite edge={(await searchParams).purpose === 'edge'} />;
}

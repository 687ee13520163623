import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { NewStore } from '@/components/sync/edit-store';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('syncPages.stores'))('newTitle') };
}

export default async function NewStorePage() {
  await requirePageRole('admin');
  return <NewStore />;
}

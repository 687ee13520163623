import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { ImportPage } from '@/components/operations/import-page';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('edgePages.import'))('title') };
}

export default async function ImportEdgesPage() {
  await requirePageRole('admin');
  return <ImportPage />;
}

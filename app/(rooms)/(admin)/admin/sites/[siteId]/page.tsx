import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { EditSite } from '@/components/sites/edit-site';

interface Params {
  params: Promise<{ siteId: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('adminSites'))('editTitle') };
}

export default async function EditSitePage({ params }: Params) {
  await requirePageRole('admin');
  return <EditSite siteId={(await params).siteId} />;
}

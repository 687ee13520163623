import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { EditStore } from '@/components/sync/edit-store';

interface Params {
  params: Promise<{ storeId: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('syncPages.stores'))('editTitle') };
}

export default async function EditStorePage({ params }: Params) {
  await requirePageRole('admin');
  return <EditStore storeId={(await params).storeId} />;
}

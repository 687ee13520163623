import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { ImageList } from '@/components/images/image-list';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('images.list'))('title') };
}

export default async function ImagesPage() {
  await requirePageRole('developer');
  return <ImageList />;
}

import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { NewImage } from '@/components/images/new-image';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('images.new'))('title') };
}

export default async function NewImagePage({
  searchParams,
}: {
  searchParams: Promise<{ from?: string | string[] }>;
}) {
  await requirePageRole('developer');
  const { from } = await searchParams;
  return <NewImage from={from === 'url' ? 'url' : 'file'} />;
}

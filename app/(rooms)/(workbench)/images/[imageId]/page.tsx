import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { requirePageRole } from '@/components/access/require-role';
import { ImageDetail } from '@/components/images/image-detail';
import { imageOfPage } from '@/components/images/page-image';

interface Params {
  params: Promise<{ imageId: string }>;
}

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  const image = await imageOfPage((await params).imageId);
  return image ? { title: image.name } : {};
}

export default async function ImagePage({ params }: Params) {
  await requirePageRole('developer');
  const image = await imageOfPage((await params).imageId);
  if (!image) notFound();
  return <ImageDetail imageId={image.id} />;
}

import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { requirePageRole } from '@/components/access/require-role';
import { DistributionPage } from '@/components/distribution/distribution-page';
import { callerOfRequest } from '@/server/api/trpc/server';

interface Params {
  params: Promise<{ distributionId: string }>;
}

const distributionOfPage = cache(async (id: string) =>
  (await callerOfRequest()).distributions.get({ id, limit: 1 }).catch(() => undefined),
);

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('distributionPages.list'))('title') };
}

export default async function DistributionDetailPage({ params }: Params) {
  await requirePageRole('developer');
  const distribution = await distributionOfPage((await params).distributionId);
  if (!distribution) notFound();
  return <DistributionPage distributionId={distribution.id} />;
}

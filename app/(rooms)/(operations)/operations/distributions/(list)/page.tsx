import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { DistributionList } from '@/components/distribution/distribution-list';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('distributionPages.list'))('title') };
}

export default async function DistributionsPage() {
  await requirePageRole('developer');
  return <DistributionList />;
}

import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { idsOf, type SearchParams } from '@/components/distribution/chosen-ids';
import { NewDistribution } from '@/components/distribution/new-distribution';

interface Props {
  searchParams: Promise<SearchParams>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('distributionPages.new'))('title') };
}

export default async function NewDistributionPage({ searchParams }: Props) {
  await requirePageRole('developer');
  const params = await searchParams;
  return (
    <NewDistribution
      first={{
        releaseIds: idsOf(params, 'release', 'releases'),
        edgeIds: idsOf(params, 'edge', 'edges'),
      }}
    />
  );
}

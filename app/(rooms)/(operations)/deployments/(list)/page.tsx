import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { DeploymentList } from '@/components/deployments/deployment-list';
import { idsOf, type SearchParams } from '@/components/distribution/chosen-ids';

interface Props {
  searchParams: Promise<SearchParams>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('deployments.list'))('title') };
}

export default async function DeploymentsPage({ searchParams }: Props) {
  await requirePageRole('developer');
  const params = await searchParams;
  const [edge = ''] = idsOf(params, 'edge');
  const [release = ''] = idsOf(params, 'release');
  return <DeploymentList first={{ edge, release }} />;
}

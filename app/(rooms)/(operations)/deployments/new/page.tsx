import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { notFound } from 'next/navigation';
import { requirePageRole } from '@/components/access/require-role';
import { NewDeployment } from '@/components/deployments/new-deployment';
import { NewReleaseDeployment } from '@/components/deployments/new-release-deployment';
import { packageOfPage } from '@/components/deployments/page-deployment';
import { idsOf, type SearchParams } from '@/components/distribution/chosen-ids';

interface Props {
  searchParams: Promise<SearchParams>;
}

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const ofPackage = (await searchParams)['package'] !== undefined;
  const t = await getTranslations(ofPackage ? 'deployments.new' : 'deploymentPages.new');
  return { title: t('title') };
}

export default async function NewDeploymentPage({ searchParams }: Props) {
  await requirePageRole('developer');
  const params = await searchParams;
  const { package: packageId } = params;
  if (packageId === undefined) {
    const [releaseId] = idsOf(params, 'release');
    return <NewReleaseDeployment first={{ releaseId, edgeIds: idsOf(params, 'edge', 'edges') }} />;
  }
  const found = typeof packageId === 'string' ? await packageOfPage(packageId) : undefined;
  if (!found) notFound();
  return <NewDeployment packageId={found.id} />;
}

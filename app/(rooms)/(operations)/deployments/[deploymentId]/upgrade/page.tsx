import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { notFound } from 'next/navigation';
import { requirePageRole } from '@/components/access/require-role';
import { deploymentOfPage } from '@/components/deployments/page-deployment';
import { UpgradePage } from '@/components/deployments/upgrade-page';
import { idsOf, type SearchParams } from '@/components/distribution/chosen-ids';

interface Props {
  params: Promise<{ deploymentId: string }>;
  searchParams: Promise<SearchParams>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('deploymentPages.upgrade'))('title') };
}

export default async function UpgradeDeploymentPage({ params, searchParams }: Props) {
  await requirePageRole('developer');
  const deployment = await deploymentOfPage((await params).deploymentId);
  // A package of the workbench is deployed anew instead.
  if (!deployment || deployment.releaseId === null) notFound();
  return <UpgradePage deploymentId={deployment.id} first={idsOf(await searchParams, 'release')[0]} />;
}

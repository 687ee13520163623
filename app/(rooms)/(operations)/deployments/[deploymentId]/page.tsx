import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { requirePageRole } from '@/components/access/require-role';
import { DeploymentPage } from '@/components/deployments/deployment-page';
import { deploymentOfPage } from '@/components/deployments/page-deployment';

interface Params {
  params: Promise<{ deploymentId: string }>;
}

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  const deployment = await deploymentOfPage((await params).deploymentId);
  return deployment ? { title: deployment.name } : {};
}

export default async function DeploymentDetailPage({ params }: Params) {
  await requirePageRole('developer');
  const deployment = await deploymentOfPage((await params).deploymentId);
  if (!deployment) notFound();
  return <DeploymentPage deploymentId={deployment.id} />;
}

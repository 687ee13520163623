import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { DeploymentList } from '@/components/deployments/deployment-list';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('deployments.list'))('title') };
}

export default async function DeploymentsPage() {
  await requirePageRole('developer');
  return <DeploymentList />;
}

import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { notFound } from 'next/navigation';
import { requirePageRole } from '@/components/access/require-role';
import { NewDeployment } from '@/components/deployments/new-deployment';
import { packageOfPage } from '@/components/deployments/page-deployment';

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('deployments.new'))('title') };
}

export default async function NewDeploymentPage({ searchParams }: Props) {
  await requirePageRole('developer');
  const { package: packageId } = await searchParams;
  const found = typeof packageId === 'string' ? await packageOfPage(packageId) : undefined;
  if (!found) notFound();
  return <NewDeployment packageId={found.id} />;
}

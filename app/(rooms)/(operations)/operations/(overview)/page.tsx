import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { OverviewPage } from '@/components/operations/overview-page';
import { hasRole } from '@/server/access/actor';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('edgePages.overview'))('title') };
}

export default async function OperationsPage() {
  const actor = await requirePageRole('developer');
  return <OverviewPage mayAct={hasRole(actor, 'operator')} mayConfigure={hasRole(actor, 'admin')} />;
}

import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { EdgesPage } from '@/components/operations/edges-page';
import { hasRole } from '@/server/access/actor';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('edgePages.edges'))('title') };
}

export default async function EdgeListPage() {
  const actor = await requirePageRole('developer');
  return <EdgesPage mayAct={hasRole(actor, 'operator')} mayConfigure={hasRole(actor, 'admin')} />;
}

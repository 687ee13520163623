import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { forbidden, notFound } from 'next/navigation';
import { requirePageRole } from '@/components/access/require-role';
import { RepositoryList } from '@/components/registries/repository-list';
import { hasRole } from '@/server/access/actor';
import { registryRole, registryRoles } from '@/server/registries/schemas';

interface Params {
  params: Promise<{ role: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('adminRegistries.browse'))('title') };
}

export default async function RegistryPage({ params }: Params) {
  const actor = await requirePageRole('developer');
  const role = registryRole.safeParse((await params).role);
  if (!role.success) notFound();
  const roles = registryRoles.filter((each) => each === 'workbench' || hasRole(actor, 'operator'));
  if (!roles.includes(role.data)) forbidden();
  return <RepositoryList role={role.data} roles={roles} />;
}

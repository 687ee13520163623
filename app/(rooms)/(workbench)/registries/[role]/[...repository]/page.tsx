import type { Metadata } from 'next';
import { forbidden, notFound } from 'next/navigation';
import { requirePageRole } from '@/components/access/require-role';
import { RepositoryPage } from '@/components/registries/repository-page';
import { hasRole } from '@/server/access/actor';
import { registryRole, repositoryName } from '@/server/registries/schemas';

interface Params {
  params: Promise<{ role: string; repository: string[] }>;
}

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  return { title: (await params).repository.join('/') };
}

export default async function RegistryRepositoryPage({ params }: Params) {
  const actor = await requirePageRole('developer');
  const { role: roleText, repository } = await params;
  const role = registryRole.safeParse(roleText);
  const name = repositoryName.safeParse(repository.join('/'));
  if (!role.success || !name.success) notFound();
  if (role.data !== 'workbench' && !hasRole(actor, 'operator')) forbidden();
  return <RepositoryPage role={role.data} name={name.data} canRemove={hasRole(actor, 'admin')} />;
}

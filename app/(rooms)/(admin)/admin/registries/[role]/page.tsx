import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { notFound } from 'next/navigation';
import { requirePageRole } from '@/components/access/require-role';
import { EditRegistry } from '@/components/registries/edit-registry';
import { registryRole } from '@/server/registries/schemas';

interface Params {
  params: Promise<{ role: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('adminRegistries'))('title') };
}

export default async function EditRegistryPage({ params }: Params) {
  await requirePageRole('admin');
  const role = registryRole.safeParse((await params).role);
  if (!role.success) notFound();
  return <EditRegistry role={role.data} />;
}

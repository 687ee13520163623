import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { RegistriesPage } from '@/components/registries/registries-page';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('adminRegistries'))('title') };
}

export default async function AdminRegistriesPage() {
  await requirePageRole('admin');
  return <RegistriesPage />;
}

import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { UsersTable } from '@/components/access/users-table';
import { PageHeader } from '@/components/ui/page-header';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('access.users'))('title') };
}

export default async function UsersPage() {
  const { userId } = await requirePageRole('admin');
  const t = await getTranslations('access.users');
  return (
    <>
      <PageHeader title={t('title')} description={t('description')} />
      <UsersTable ownId={userId} />
    </>
  );
}

import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { AuditLog } from '@/components/access/audit-log';
import { requirePageRole } from '@/components/access/require-role';
import { PageHeader } from '@/components/ui/page-header';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('access.audit'))('title') };
}

export default async function AuditPage() {
  await requirePageRole('admin');
  const t = await getTranslations('access.audit');
  return (
    <>
      <PageHeader title={t('title')} description={t('description')} />
      <AuditLog />
    </>
  );
}

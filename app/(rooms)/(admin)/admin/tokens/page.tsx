import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { AllTokens } from '@/components/access/all-tokens';
import { requirePageRole } from '@/components/access/require-role';
import { PageHeader } from '@/components/ui/page-header';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('access.allTokens'))('title') };
}

export default async function TokensPage() {
  await requirePageRole('admin');
  const t = await getTranslations('access.allTokens');
  return (
    <>
      <PageHeader title={t('title')} description={t('description')} />
      <AllTokens />
    </>
  );
}

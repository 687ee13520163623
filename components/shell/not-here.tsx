import { Compass } from 'lucide-react';
import { getTranslations } from 'next-intl/server';
import { EmptyState } from '../ui/empty-state';
import { LinkButton } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';

/** What a page shows when there is nothing at its address. */
export async function NotHere() {
  const t = await getTranslations('shell.notFound');
  return (
    <>
      <PageHeader title={t('title')} />
      <EmptyState icon={<Compass />} title="404" action={<LinkButton href="/">{t('home')}</LinkButton>}>
        {t('text')}
      </EmptyState>
    </>
  );
}

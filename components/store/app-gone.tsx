import { PackageX, SearchX } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { EmptyState } from '../ui/empty-state';
import { LinkButton } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';

/** The page of an app that was taken down. */
export function AppGone({ name }: { name: string }) {
  const t = useTranslations('store');
  return (
    <>
      <PageHeader title={name} crumbs={[{ label: t('app.store'), href: '/store' }]} />
      <EmptyState
        icon={<PackageX />}
        title={t('gone.title')}
        action={<LinkButton href="/store">{t('gone.back')}</LinkButton>}
      >
        {t('gone.text', { name })}
      </EmptyState>
    </>
  );
}

/** The page of an app that the store does not know. */
export function AppMissing() {
  const t = useTranslations('store.missing');
  return (
    <>
      <PageHeader title={t('title')} />
      <EmptyState icon={<SearchX />} title="404" action={<LinkButton href="/store">{t('back')}</LinkButton>}>
        {t('text')}
      </EmptyState>
    </>
  );
}

import { ShieldX } from 'lucide-react';
import { getTranslations } from 'next-intl/server';
import { EmptyState } from '@/components/ui/empty-state';
import { LinkButton } from '@/components/ui/link-button';
import { PageHeader } from '@/components/ui/page-header';
import { actorOfRequest } from '@/server/api/trpc/server';

/** Stands where the page would: inside its room's layout, so without a shell of its own. */
export default async function Forbidden() {
  const t = await getTranslations('access');
  const { role } = await actorOfRequest();
  return (
    <>
      <PageHeader title={t('forbidden.title')} />
      <EmptyState
        icon={<ShieldX />}
        title={t('forbidden.heading', { role: t(`roles.${role}`) })}
        action={<LinkButton href="/">{t('forbidden.home')}</LinkButton>}
      >
        {t('forbidden.text')}
      </EmptyState>
    </>
  );
}

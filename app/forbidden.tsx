import { ShieldX } from 'lucide-react';
import { getTranslations } from 'next-intl/server';
import { AppShell } from '@/components/shell/app-shell';
import { EmptyState } from '@/components/ui/empty-state';
import { LinkButton } from '@/components/ui/link-button';
import { PageHeader } from '@/components/ui/page-header';
import { actorOfRequest } from '@/server/api/trpc/server';

export default async function Forbidden() {
  const t = await getTranslations('access');
  const { userId, name, role } = await actorOfRequest();
  return (
    <AppShell visitor={{ userId, name, role }}>
      <PageHeader title={t('forbidden.title')} />
      <EmptyState
        icon={<ShieldX />}
        title={t('forbidden.heading', { role: t(`roles.${role}`) })}
        action={<LinkButton href="/">{t('forbidden.home')}</LinkButton>}
      >
        {t('forbidden.text')}
      </EmptyState>
    </AppShell>
  );
}

import { Compass } from 'lucide-react';
import { getTranslations } from 'next-intl/server';
import { AppShell } from '@/components/shell/app-shell';
import { EmptyState } from '@/components/ui/empty-state';
import { LinkButton } from '@/components/ui/link-button';
import { PageHeader } from '@/components/ui/page-header';
import { actorOfRequest } from '@/server/api/trpc/server';

export default async function NotFound() {
  const t = await getTranslations('shell.notFound');
  const { userId, name, role } = await actorOfRequest();
  return (
    <AppShell visitor={{ userId, name, role }}>
      <PageHeader title={t('title')} />
      <EmptyState icon={<Compass />} title="404" action={<LinkButton href="/">{t('home')}</LinkButton>}>
        {t('text')}
      </EmptyState>
    </AppShell>
  );
}

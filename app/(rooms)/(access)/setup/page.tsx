import { LinkIcon } from 'lucide-react';
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { DoorCard } from '@/components/access/door-card';
import { AdministratorForm, PasswordForm } from '@/components/access/setup-form';
import { EmptyState } from '@/components/ui/empty-state';
import { LinkButton } from '@/components/ui/link-button';
import { houseOf } from '@/server/house';

const titles = { administrator: 'adminTitle', password: 'passwordTitle' } as const;

interface Props {
  searchParams: Promise<{ token?: string | string[] }>;
}

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { token } = await searchParams;
  const t = await getTranslations('access.setup');
  const purpose = typeof token === 'string' ? houseOf().access.setup.purpose(token) : undefined;
  const title = t(purpose === undefined ? 'goneTitle' : titles[purpose.kind]);
  // The address holds a one-time token: it must not travel in a Referer, nor be kept by a search engine.
  return { title, referrer: 'no-referrer', robots: { index: false } };
}

export default async function SetupPage({ searchParams }: Props) {
  const { token } = await searchParams;
  const t = await getTranslations('access.setup');
  const { access } = houseOf();
  const purpose = typeof token === 'string' ? access.setup.purpose(token) : undefined;
  if (typeof token !== 'string' || purpose === undefined) {
    return (
      <DoorCard title={t('goneTitle')}>
        <EmptyState
          compact
          icon={<LinkIcon />}
          title={access.signInOptions().needsSetup ? t('goneAdmin') : t('gonePassword')}
          action={<LinkButton href="/sign-in">{t('toSignIn')}</LinkButton>}
        />
      </DoorCard>
    );
  }
  if (purpose.kind === 'administrator') {
    return (
      <DoorCard title={t('adminTitle')} description={t('adminDescription')}>
        <AdministratorForm token={token} />
      </DoorCard>
    );
  }
  const { name, email } = purpose;
  return (
    <DoorCard title={t('passwordTitle')} description={t('passwordDescription', { name, email })}>
      <PasswordForm token={token} email={email} />
    </DoorCard>
  );
}

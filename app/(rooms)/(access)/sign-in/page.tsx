import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { redirect } from 'next/navigation';
import { SignInForm } from '@/components/access/sign-in-form';
import { DoorCard } from '@/components/access/door-card';
import { TextLink } from '@/components/ui/link-button';
import { Notice } from '@/components/ui/notice';
import { actorOfRequest } from '@/server/api/trpc/server';
import { houseOf } from '@/server/house';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('access.signIn'))('title') };
}

interface Props {
  searchParams: Promise<{ next?: string | string[]; error?: string }>;
}

export default async function SignInPage({ searchParams }: Props) {
  const { next, error } = await searchParams;
  const target = houseOf().access.returnTo(typeof next === 'string' ? next : undefined);
  if ((await actorOfRequest()).userId !== undefined) redirect(target);
  const t = await getTranslations('access.signIn');
  const { oidcLabel, needsSetup } = houseOf().access.signInOptions();
  return (
    <DoorCard title={t('title')} description={t('description')}>
      {needsSetup && <Notice title={t('needsSetupTitle')}>{t('needsSetup')}</Notice>}
      {error !== undefined && (
        <Notice tone="danger" title={t('oidcFailed')}>
          {t('oidcFailedText')}
        </Notice>
      )}
      <SignInForm next={target} oidcLabel={oidcLabel} />
      <p className="text-text-muted text-sm">{t('forgot')}</p>
      <p className="text-sm">
        <TextLink href="/store">{t('browseStore')}</TextLink>
      </p>
    </DoorCard>
  );
}

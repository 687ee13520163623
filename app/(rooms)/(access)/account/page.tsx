import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { PasswordCard, ProfileCard } from '@/components/access/profile-card';
import { requirePageRole } from '@/components/access/require-role';
import { SessionsCard } from '@/components/access/sessions-card';
import { TokensCard } from '@/components/access/tokens-card';
import { PageHeader } from '@/components/ui/page-header';
import { hasRole } from '@/server/access/actor';
import { houseOf } from '@/server/house';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('access.account'))('title') };
}

export default async function AccountPage() {
  const actor = await requirePageRole('developer');
  const t = await getTranslations('access.account');
  return (
    <div className="mx-auto max-w-4xl">
      <PageHeader title={t('title')} />
      <div className="flex flex-col gap-6">
        <ProfileCard name={actor.name} role={actor.role} />
        <PasswordCard hasPassword={houseOf().access.sessions.hasPassword(actor)} />
        <SessionsCard />
        <TokensCard isAdmin={hasRole(actor, 'admin')} />
      </div>
    </div>
  );
}

import { getTranslations } from 'next-intl/server';
import type { ReactNode } from 'react';
import { TabLinks } from '@/components/ui/tabs';
import { hasRole } from '@/server/access/actor';
import { actorOfRequest } from '@/server/api/trpc/server';

const sections = ['users', 'tokens', 'sites', 'registries', 'tools', 'audit', 'settings'] as const;

export default async function AdminLayout({ children }: { children: ReactNode }) {
  const t = await getTranslations('access.admin');
  // Each page checks the role itself; without it there are no other pages to lead to.
  if (!hasRole(await actorOfRequest(), 'admin')) return children;
  return (
    <>
      <TabLinks
        label={t('sections')}
        tabs={sections.map((section) => ({ href: `/admin/${section}`, label: t(section) }))}
      />
      {children}
    </>
  );
}

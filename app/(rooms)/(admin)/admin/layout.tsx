import { getTranslations } from 'next-intl/server';
import type { ReactNode } from 'react';
import { adminSections } from '@/components/shell/navigation';
import { TabLinks } from '@/components/ui/tabs';
import { hasRole } from '@/server/access/actor';
import { actorOfRequest } from '@/server/api/trpc/server';

export default async function AdminLayout({ children }: { children: ReactNode }) {
  const t = await getTranslations('access.admin');
  // Each page checks the role itself; without it there are no other pages to lead to.
  if (!hasRole(await actorOfRequest(), 'admin')) return children;
  return (
    <>
      <TabLinks
        label={t('sections')}
        tabs={adminSections.map((section) => ({ href: `/admin/${section}`, label: t(section) }))}
      />
      {children}
    </>
  );
}

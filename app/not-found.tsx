import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { AppShell } from '@/components/shell/app-shell';
import { NotHere } from '@/components/shell/not-here';
import { visitorOfRequest } from '@/server/api/trpc/server';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('shell.notFound'))('title') };
}

export default async function NotFound() {
  return (
    <AppShell visitor={await visitorOfRequest()}>
      <NotHere />
    </AppShell>
  );
}

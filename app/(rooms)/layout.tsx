import type { ReactNode } from 'react';
import { AppShell } from '@/components/shell/app-shell';
import { actorOfRequest } from '@/server/api/trpc/server';

export default async function RoomsLayout({ children }: { children: ReactNode }) {
  const { userId, name, role } = await actorOfRequest();
  return <AppShell visitor={{ userId, name, role }}>{children}</AppShell>;
}

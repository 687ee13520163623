import type { ReactNode } from 'react';
import { AppShell } from '@/components/shell/app-shell';
import { visitorOfRequest } from '@/server/api/trpc/server';

export default async function RoomsLayout({ children }: { children: ReactNode }) {
  return <AppShell visitor={await visitorOfRequest()}>{children}</AppShell>;
}

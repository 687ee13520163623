import type { ReactNode } from 'react';
import { OperationsTabs } from '@/components/operations/tabs';
import { RoomGate } from '@/components/shell/room-gate';
import { hasRole } from '@/server/access/actor';
import { actorOfRequest } from '@/server/api/trpc/server';

export default async function OperationsLayout({ children }: { children: ReactNode }) {
  // Each page checks the role itself; without it there are no other pages to lead to.
  if (!hasRole(await actorOfRequest(), 'developer'))
    return <RoomGate of={['operations']}>{children}</RoomGate>;
  return (
    <RoomGate of={['operations']}>
      <OperationsTabs />
      {children}
    </RoomGate>
  );
}

import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { visitorOfRequest } from '@/server/api/trpc/server';
import { plays, type Rooms } from '@/server/rooms';

/** The pages of a room, where this process plays it; elsewhere they are not there. */
export async function RoomGate({ of, children }: { of: Rooms; children: ReactNode }) {
  const { played } = await visitorOfRequest();
  if (!plays(played, of)) notFound();
  return children;
}

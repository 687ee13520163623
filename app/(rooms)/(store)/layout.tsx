import type { ReactNode } from 'react';
import { RoomGate } from '@/components/shell/room-gate';

export default function StoreLayout({ children }: { children: ReactNode }) {
  return <RoomGate of={['store']}>{children}</RoomGate>;
}

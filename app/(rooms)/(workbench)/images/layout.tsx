import type { ReactNode } from 'react';
import { RoomGate } from '@/components/shell/room-gate';

export default function ImagesLayout({ children }: { children: ReactNode }) {
  return <RoomGate of={['workbench', 'operations']}>{children}</RoomGate>;
}

import type { ReactNode } from 'react';
import { RoomGate } from '@/components/shell/room-gate';

export default function ProjectsLayout({ children }: { children: ReactNode }) {
  return <RoomGate of={['workbench']}>{children}</RoomGate>;
}

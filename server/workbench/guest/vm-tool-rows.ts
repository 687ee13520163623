import { and, eq } from 'drizzle-orm';
import type { GuestPorts } from './ports';
import { vmTools } from './tables';

export type VmToolRow = typeof vmTools.$inferSelect;

type Key = Pick<VmToolRow, 'vmId' | 'toolId'>;
type Values = Partial<Pick<VmToolRow, 'state' | 'version' | 'jobId' | 'error'>>;

/** Rows of the tools chosen for VMs; every change is told to the pages. */
export interface VmToolRows {
  of(vmId: string): VmToolRow[];
  find(key: Key): VmToolRow | undefined;
  set(key: Key, values: Values): void;
  forget(vmId: string): void;
}

export function openVmToolRows(ports: GuestPorts): VmToolRows {
  const { db } = ports;
  const now = ports.now ?? Date.now;
  const isRow = ({ vmId, toolId }: Key) => and(eq(vmTools.vmId, vmId), eq(vmTools.toolId, toolId));
  return {
    of: (vmId) => db.select().from(vmTools).where(eq(vmTools.vmId, vmId)).all(),
    find: (key) => db.select().from(vmTools).where(isRow(key)).get(),
    set({ vmId, toolId }, values) {
      const vm = ports.vmById(vmId);
      if (!vm) return;
      const set = { ...values, updatedAt: now() };
      db.insert(vmTools)
        .values({ vmId, toolId, state: 'chosen', ...set })
        .onConflictDoUpdate({ target: [vmTools.vmId, vmTools.toolId], set })
        .run();
      ports.events.publish({ topic: 'tools', id: vmId, audience: { projectId: vm.projectId } });
    },
    forget(vmId) {
      db.delete(vmTools).where(eq(vmTools.vmId, vmId)).run();
    },
  };
}

import { eq } from 'drizzle-orm';
import { vms } from './tables';
import type { VmJobParts } from './vm-create-job';

/**
 * Drops the rows of the VMs on a site that is gone for good, without asking it. Jobs that work on them are cancelled,
 * and find nothing to clean up. Belongs into the transaction in which the site goes.
 *
 * @returns what was dropped
 */
export function forgetVmsAt(
  { ports: { db, jobs }, vmRows, deleted }: Pick<VmJobParts, 'ports' | 'vmRows' | 'deleted'>,
  siteId: string,
): { id: string; name: string }[] {
  const rows = db.select().from(vms).where(eq(vms.siteId, siteId)).orderBy(vms.createdAt).all();
  for (const row of rows) {
    vmRows.remove(row);
    deleted(row.id);
    const working = jobs.list({ subject: { type: 'vm', id: row.id }, states: ['queued', 'running'] });
    for (const job of working) if (job.cancellable) jobs.cancel(job.id);
  }
  return rows.map(({ id, name }) => ({ id, name }));
}

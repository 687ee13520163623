import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { JobKind } from '../jobs/job';
import { projectKeyName } from './keys';
import type { BelongingsKeeper } from './ports';
import { projects, vms } from './tables';
import type { VmJobParts } from './vm-create-job';
import { deleteVm, letGo } from './vm-delete-job';

const input = z.object({ projectId: z.string() });

/**
 * The job `project.delete`: the VMs with their disks, then what other rooms keep for the project, then the project.
 * Not cancellable; when it fails the project stays with what is left of it, and can be deleted again.
 */
export function defineRemoval(
  parts: VmJobParts,
  keepers: readonly BelongingsKeeper[],
): JobKind<{ projectId: string }> {
  const { ports, vmRows, projectRows } = parts;
  const { db } = ports;

  return ports.jobs.define<{ projectId: string }, null>({
    kind: 'project.delete',
    steps: ['vms', 'belongings', 'project'],
    input,
    concurrency: 2,
    cancellable: false,
    run: async (job) => {
      const { projectId } = job.input;
      await job.step('vms', async (step) => {
        const rows = db.select().from(vms).where(eq(vms.projectId, projectId)).all();
        for (const [index, row] of rows.entries()) {
          step.progress({ done: (index / rows.length) * 100, total: 100, unit: 'percent' });
          await letGo(parts, row.id, step);
          vmRows.enter(row.id, 'deleting', { jobId: job.jobId });
          await deleteVm(parts, row.id, step);
        }
      });
      await job.step('belongings', async ({ signal }) => {
        for (const keeper of keepers) {
          for (const belonging of keeper.list(projectId)) await keeper.remove(belonging, signal);
        }
      });
      await job.step('project', async ({ signal }) => {
        const row = projectRows.find(projectId);
        if (row) {
          db.delete(projects).where(eq(projects.id, projectId)).run();
          ports.secrets.remove(projectKeyName(projectId));
          projectRows.notify(projectId);
          ports.events.publish({ topic: 'project', id: projectId, audience: { userId: row.ownerId } });
        }
        for (const keeper of keepers) await keeper.forget?.(projectId, signal);
      });
      return null;
    },
  });
}

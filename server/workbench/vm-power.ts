import type { Actor } from '../access/actor';
import type { Job, JobKind } from '../jobs/job';
import { Problem } from '../problem';
import type { ActVmInput } from './schemas';
import type { VmJobParts } from './vm-create-job';
import { requireGate, type VmState } from './vm-gates';
import { defaultGraceSeconds, longActions, type LongAction, type PowerInput } from './vm-power-jobs';
import type { VmRow } from './vm-rows';
import type { VmSync } from './vm-sync';

/** The state a VM shows while a long action is under way. A restart begins with the guest going down. */
const during: Record<LongAction, VmState> = { start: 'starting', stop: 'stopping', reboot: 'stopping' };

/**
 * Gives the function that does a power action on a VM.
 *
 * @returns a function whose result is the job of a long action, undefined for one that is already done
 */
export function openPower(
  { ports, vmRows }: VmJobParts,
  kinds: Record<LongAction, JobKind<PowerInput>>,
  sync: VmSync,
) {
  const { db, jobs, sites, now = Date.now } = ports;

  const tryAgain = (row: VmRow): Job => {
    if (row.jobId === null) throw new Problem('conflict', 'workbench.errors.neverMade', { name: row.name });
    const job = jobs.retry(row.jobId);
    vmRows.enter(row.id, 'creating');
    return job;
  };

  const startLong = (actor: Actor, row: VmRow, action: LongAction, graceSeconds: number): Job =>
    db.transaction(() => {
      const job = kinds[action].start({
        input: { vmId: row.id, graceSeconds },
        subject: { type: 'vm', id: row.id },
        projectId: row.projectId,
        actorId: actor.userId,
      });
      const boots = action === 'stop' ? {} : { bootStartedAt: now() };
      vmRows.enter(row.id, during[action], { jobId: job.id, ...boots });
      return job;
    });

  const doQuick = async (row: VmRow, ref: string, action: Exclude<ActVmInput['action'], LongAction>) => {
    const site = sites.get(row.siteId);
    if (action === 'pause') await site.vms.pause(ref);
    else if (action === 'resume') await site.vms.resume(ref);
    else if (action === 'reset') {
      vmRows.write(row.id, { bootStartedAt: now() });
      await site.vms.reset(ref);
    } else {
      await endPoliteStop(row);
      await site.vms.stop(ref, 0, {});
    }
    await sync.refresh(row.id, true);
  };

  /** Forcing while a polite stop waits ends that wait first, so that two hands do not hold one switch. */
  const endPoliteStop = async (row: VmRow) => {
    const job = row.jobId === null ? undefined : jobs.get(row.jobId);
    if (!job || job.endedAt !== undefined) return;
    if (job.state !== 'cancelling') jobs.cancel(job.id);
    await jobs.settled(job.id);
  };

  return async (actor: Actor, row: VmRow, input: ActVmInput): Promise<Job | undefined> => {
    const { action, graceSeconds = defaultGraceSeconds } = input;
    requireGate(action, row);
    // Said at once, and not by a job that fails: a site that is away.
    sites.get(row.siteId);
    vmRows.note(row.id, 'action', action, { actorId: actor.userId });
    ports.audit({
      actor,
      action: `vm.${action}`,
      subject: { type: 'vm', id: row.id },
      detail: { name: row.name },
    });
    if (row.siteRef === null) return tryAgain(row);
    if (isLong(action)) return startLong(actor, row, action, graceSeconds);
    await doQuick(row, row.siteRef, action);
    return undefined;
  };
}

function isLong(action: ActVmInput['action']): action is LongAction {
  return longActions.some((long) => long === action);
}

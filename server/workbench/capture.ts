import type { AuditedChange } from '../access/ports';
import type { Actor, Authorized, UserActor } from '../access/actor';
import type { Db } from '../db/database';
import { newId } from '../db/id';
import type { Images } from '../images/images';
import type { Job, Jobs } from '../jobs/job';
import { Problem } from '../problem';
import type { SiteRegistry } from '../sites/registry';
import { guestShell, lookAround } from './capture-guest';
import { captureKind, defineCapture } from './capture-job';
import type { CaptureDoctor, CaptureInput } from './capture-schemas';
import type { GuestAccess } from './guest/ssh';
import type { Vm } from './model';

/** What capturing needs from the rest of the house. */
export interface CapturePorts {
  db: Db;
  jobs: Jobs;
  sites: SiteRegistry;
  images: Pick<Images, 'get' | 'workFolder' | 'verify' | 'ingest' | 'discard' | 'space'>;
  audit(record: AuditedChange): void;
  /** @throws Problem `not_found` */
  requireVm(actor: Actor, vmId: string): Authorized<Vm>;
  vmById(vmId: string): Vm | undefined;
  /** Marks a VM as being captured by a job. @throws Problem `conflict` by the gates */
  hold(vmId: string, jobId: string): Vm;
  release(vmId: string): Promise<void>;
  guestAccess(vmId: string): Promise<GuestAccess>;
}

/** Making disk images out of VMs. */
export interface Capture {
  /**
   * Starts to capture a VM, which is held from this moment on.
   *
   * @param requestKey the sender's key: the same key again gives the job it started before
   * @throws Problem `not_found`, `conflict` by the gates, for a site that cannot capture, and for cleaning a VM that is off
   */
  start(actor: UserActor, vmId: string, input: CaptureInput, requestKey?: string): Job;
  /** Looks what a clean image would need and what it would take; changes nothing. @throws Problem `not_found` */
  examine(actor: Actor, vmId: string, signal: AbortSignal): Promise<CaptureDoctor>;
}

/** Opens capturing: defines the job `vm.capture`. */
export function openCapture(ports: CapturePorts): Capture {
  const kind = defineCapture(ports);
  return {
    start(actor, vmId, input, requestKey) {
      const vm = ports.requireVm(actor, vmId);
      const site = ports.sites.get(vm.siteId);
      if (!site.capture) throw new Problem('conflict', 'sites.missing.capture', { site: site.name });
      if (input.keep && !site.capture.forget) {
        throw new Problem('conflict', 'images.capture.errors.cannotKeep', { site: site.name });
      }
      const subject = { type: 'vm' as const, id: vmId };
      return ports.db.transaction(() => {
        const before = ports.jobs.list({ subject, kind: captureKind, actorId: actor.userId });
        const job = kind.start({
          input: { ...input, vmId, imageId: newId('img'), ownerId: actor.userId, ownerName: actor.name },
          subject,
          projectId: vm.projectId,
          actorId: actor.userId,
          idempotencyKey: requestKey,
        });
        if (before.some(({ id }) => id === job.id)) return job;
        if (input.clean.length > 0 && vm.state !== 'running') {
          throw new Problem('conflict', 'images.capture.errors.cleanNeedsRunning', { name: vm.name });
        }
        ports.hold(vmId, job.id);
        const detail = { name: input.name, vm: vm.name, mode: input.mode, clean: input.clean.join(' ') };
        ports.audit({ actor, action: 'vm.capture', subject, detail });
        return job;
      });
    },

    async examine(actor, vmId, signal) {
      const vm = ports.requireVm(actor, vmId);
      const site = ports.sites.get(vm.siteId);
      const running = vm.state === 'running' && vm.siteRef !== undefined;
      const { shell, reason } = running
        ? await guestShell(site, vm.siteRef ?? '', () => ports.guestAccess(vmId), signal)
        : { shell: undefined, reason: undefined };
      const lights = await lookAround(shell, signal).finally(() => shell?.close());
      const usage = vm.siteRef === undefined ? undefined : await site.capture?.usage?.(vm.siteRef);
      const { largestUpload } = await ports.images.space();
      return {
        running,
        way: shell?.way ?? null,
        noWay: reason ? { key: reason.key, params: reason.params } : null,
        agent: shell?.way === 'agent',
        virtualSize: usage?.virtual ?? vm.diskGiB * 2 ** 30,
        storedSize: usage?.stored ?? null,
        usable: largestUpload,
        canKeep: site.capture?.forget !== undefined,
        lights,
      };
    },
  };
}

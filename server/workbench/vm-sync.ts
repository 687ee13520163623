import { eq } from 'drizzle-orm';
import type { Site, SiteVm } from '../sites/site';
import { stackVmPrefix } from '../sites/stacks';
import { findAtSite, type VmJobParts } from './vm-create-job';
import { vms } from './tables';
import type { VmRow } from './vm-rows';

export interface VmSync {
  /** Takes over what each site knows, then follows the sites' and the jobs' news. */
  open(): Promise<void>;
  close(): void;
  /** Reads one VM from its site into its row. @param force also when the row is in a state of a job of ours */
  refresh(vmId: string, force?: boolean): Promise<void>;
}

const over = new Set(['done', 'failed', 'cancelled']);

/** Keeps the rows of VMs equal to what their sites say. */
export function openVmSync(parts: VmJobParts): VmSync {
  const { ports, vmRows, deleted } = parts;
  const { db, jobs, log } = ports;
  const stops: (() => void)[] = [];
  /** How to let go of each site that is followed. */
  const followed = new Map<Site, () => void>();
  // One read per VM at a time: a slow answer must not overwrite a newer one.
  const reading = new Map<string, { again: boolean }>();

  const readNow = async (vmId: string, force: boolean) => {
    const row = vmRows.find(vmId);
    if (!row) return;
    const seen = await findAtSite(ports.sites.get(row.siteId), row);
    const now = vmRows.find(vmId);
    if (now) vmRows.take(now, seen, { force });
  };

  const refresh = async (vmId: string, force = false) => {
    const busy = reading.get(vmId);
    if (busy && !force) {
      busy.again = true;
      return;
    }
    const turn = { again: false };
    reading.set(vmId, turn);
    try {
      do {
        turn.again = false;
        await readNow(vmId, force);
      } while (turn.again);
    } finally {
      if (reading.get(vmId) === turn) reading.delete(vmId);
    }
  };

  const refreshLogged = (vmId: string) => {
    refresh(vmId).catch((error: unknown) => {
      log.warn({ err: error, vm: vmId }, 'a VM could not be read from its site');
    });
  };

  /** A row whose job is over without having let go of it, for example one cancelled before it began. */
  const release = async (row: VmRow) => {
    const job = row.jobId === null ? undefined : jobs.get(row.jobId);
    if (row.state === 'creating' && job?.state === 'failed') {
      vmRows.enter(row.id, 'failed', { problem: job.error ?? null });
      return;
    }
    if (row.state === 'creating') {
      vmRows.remove(row);
      deleted(row.id);
      return;
    }
    vmRows.write(row.id, { jobId: null });
    await refresh(row.id, true);
  };

  const heldByDeadJob = (row: VmRow): boolean => {
    if (row.jobId === null || row.state === 'failed') return false;
    const job = jobs.get(row.jobId);
    return !job || over.has(job.state);
  };

  const onJob = (jobId: string) => {
    const row = db.select().from(vms).where(eq(vms.jobId, jobId)).get();
    if (!row || !heldByDeadJob(row)) return;
    release(row).catch((error: unknown) => {
      log.warn({ err: error, vm: row.id }, 'a VM could not be taken back from its job');
    });
  };

  const adopt = async (site: Site) => {
    const rows = db.select().from(vms).where(eq(vms.siteId, site.id)).all();
    const there = await site.vms.list();
    for (const row of rows) {
      if (heldByDeadJob(row)) await release(row);
      const now = vmRows.find(row.id);
      const seen = there.find(({ vmId, ref }) => vmId === row.id || ref === row.siteRef);
      // What a job did while the list was on its way is not in it.
      if (now && now.state !== row.state) refreshLogged(row.id);
      else if (now) {
        vmRows.take(now, seen);
        if (seen && bootGoesOn(now, seen)) refreshLogged(row.id);
      }
    }
    const known = new Set(rows.map(({ id }) => id));
    for (const { vmId, ref } of there) {
      if (!known.has(vmId) && !vmId.startsWith(stackVmPrefix))
        log.warn({ site: site.id, ref, vm: vmId }, 'a site holds a VM that no project knows');
    }
  };

  /** Whether a list that left the boot unread hides one that is under way, or that happened meanwhile. */
  const bootGoesOn = (row: VmRow, seen: SiteVm): boolean => {
    if (seen.bootUnread !== true) return false;
    const last = row.boot.at(-1);
    const begun = seen.boot[0]?.at ?? 0;
    return last === undefined || !['login', 'panic'].includes(last.phase) || begun > last.at;
  };

  /** Follows a site and takes over what it knows; when it cannot be read, its rows stay as they are. */
  const follow = async (site: Site) => {
    let failed = false;
    const takeOver = async () => {
      failed = false;
      try {
        await adopt(site);
      } catch (error) {
        failed = true;
        log.error({ err: error, site: site.id }, 'the VMs of a site could not be taken over');
      }
    };
    const stop = site.onChange(({ vmId }) => {
      // Its first sign of life after a failure tells of one VM; the others have waited as well.
      if (failed) void takeOver();
      else refreshLogged(vmId);
    });
    followed.set(site, stop);
    await takeOver();
  };

  const letGo = (site: Site) => {
    followed.get(site)?.();
    followed.delete(site);
  };

  return {
    refresh,
    async open() {
      const { sites } = ports;
      stops.push(
        sites.onChange(({ change, site }) => {
          if (change === 'added') void follow(site);
          else letGo(site);
        }),
      );
      stops.push(
        ports.events.subscribe(({ topic, id }) => {
          if (topic === 'job') onJob(id);
        }),
      );
      // A slow site must not keep the others waiting.
      await Promise.all(sites.list().map(follow));
    },
    close() {
      for (const site of followed.keys()) letGo(site);
      for (const stop of stops.splice(0)) stop();
    },
  };
}

import { eq } from 'drizzle-orm';
import type { SiteVm } from '../sites/site';
import type { Vm } from './model';
import type { WorkbenchPorts } from './ports';
import { byteLength, type VmEventKind } from './schemas';
import { vmEvents, vms } from './tables';
import type { VmState } from './vm-gates';

export type VmRow = typeof vms.$inferSelect;

/** States that the site's own reports must not overwrite: our job knows better until it is over. */
const ours: ReadonlySet<VmState> = new Set(['creating', 'stopping', 'capturing', 'deleting']);

const fromSite = {
  starting: 'starting',
  running: 'running',
  paused: 'paused',
  stopped: 'stopped',
  failed: 'failed',
  missing: 'failed',
} as const satisfies Record<SiteVm['state'], VmState>;

export type VmRows = ReturnType<typeof openVmRows>;

/** The rows of VMs: the only place that writes a state, its timeline, and the notice of both. */
export function openVmRows({ db, events, now = Date.now }: WorkbenchPorts) {
  const find = (vmId: string) => db.select().from(vms).where(eq(vms.id, vmId)).get();

  // Addresses and the like, which only matter while the site knows the VM, are not worth a column.
  const sightings = new Map<string, SiteVm>();

  const notify = (row: VmRow) => {
    events.publish({ topic: 'vm', id: row.id, audience: { projectId: row.projectId } });
  };

  const write = (vmId: string, change: Partial<VmRow>): VmRow | undefined => {
    const row = db.update(vms).set(change).where(eq(vms.id, vmId)).returning().get();
    if (row) notify(row);
    return row;
  };

  const note = (
    vmId: string,
    kind: VmEventKind,
    value: string,
    more: { detail?: string | undefined; actorId?: string | undefined; at?: number } = {},
  ) => {
    const { detail = null, actorId = null, at = now() } = more;
    db.insert(vmEvents).values({ vmId, kind, value, detail, actorId, at }).run();
  };

  /** Enters a state of our own making. */
  const enter = (vmId: string, state: VmState, change: Partial<VmRow> = {}): VmRow | undefined => {
    const before = find(vmId);
    if (!before) return undefined;
    if (before.state === state) return write(vmId, change);
    note(vmId, 'state', state);
    return write(vmId, {
      reason: null,
      reasonDetail: null,
      problem: null,
      stateSince: now(),
      ...change,
      state,
    });
  };

  /**
   * Takes over what the site says.
   *
   * @param options.force also out of a state of ours, when the job behind it is over
   */
  const take = (
    row: VmRow,
    seen: SiteVm | undefined,
    options: { force?: boolean } = {},
  ): VmRow | undefined => {
    if (seen) sightings.set(row.id, seen);
    else sightings.delete(row.id);
    // A start is under way until its job ends; before that the site still says that the VM is stopped.
    const begins = row.state === 'starting' && row.jobId !== null && seen?.state === 'stopped';
    const held = (ours.has(row.state) || begins) && options.force !== true;
    const state = held ? row.state : seen ? fromSite[seen.state] : 'failed';
    const reason = seen ? (seen.state === 'missing' ? 'missing' : (seen.reason ?? null)) : 'missing';
    const change: Partial<VmRow> = {};
    if (!held) {
      if (state !== row.state) {
        note(row.id, 'state', state, { detail: reason ?? undefined });
        Object.assign(change, { state, stateSince: seen?.since ?? now() });
        // Under force the job that ends has just said what went wrong; that stays to be read.
        if (options.force !== true) change.problem = null;
      }
      if (reason !== row.reason) change.reason = reason;
      if ((seen?.detail ?? null) !== row.reasonDetail) change.reasonDetail = seen?.detail ?? null;
    }
    // The place comes last: it knows since when a boot goes on that is seen for the first time.
    if (seen)
      Object.assign(change, seen.bootUnread === true ? {} : bootChange(row, seen), placeChange(row, seen));
    return Object.keys(change).length > 0 ? write(row.id, change) : row;
  };

  const bootChange = (row: VmRow, seen: SiteVm): Partial<VmRow> => {
    const known = row.boot;
    const goesOn = known.every((each, index) => seen.boot[index]?.at === each.at);
    const fresh = goesOn ? seen.boot.slice(known.length) : seen.boot;
    for (const { phase, at } of fresh) note(row.id, 'boot', phase, { at });
    if (goesOn && fresh.length === 0) return {};
    // A boot that nobody here asked for (the guest restarted itself) begins with what was seen first.
    const lastKnown = known.at(-1)?.at ?? 0;
    const asked = row.bootStartedAt !== null && row.bootStartedAt > lastKnown;
    const startedAt = goesOn || asked ? row.bootStartedAt : (seen.boot[0]?.at ?? now());
    return { boot: seen.boot, bootStartedAt: startedAt };
  };

  const placeChange = (row: VmRow, seen: SiteVm): Partial<VmRow> => {
    const starts = row.bootStartedAt === null && (seen.state === 'running' || seen.state === 'starting');
    const same = JSON.stringify(seen.forwards) === JSON.stringify(row.forwards);
    return {
      ...(row.siteRef === seen.ref ? {} : { siteRef: seen.ref }),
      ...(starts ? { bootStartedAt: seen.since } : {}),
      ...(same ? {} : { forwards: seen.forwards }),
    };
  };

  const remove = (row: VmRow) => {
    db.delete(vms).where(eq(vms.id, row.id)).run();
    sightings.delete(row.id);
    notify(row);
    events.publish({ topic: 'project', id: row.projectId, audience: { projectId: row.projectId } });
  };

  return { find, write, note, enter, take, remove, seen: (vmId: string) => sightings.get(vmId) };
}

/** A row as the workbench's functions give it out. */
export function toVm(row: VmRow): Vm {
  return {
    id: row.id,
    projectId: row.projectId,
    name: row.name,
    siteId: row.siteId,
    siteRef: row.siteRef ?? undefined,
    state: row.state,
    stateSince: row.stateSince,
    reason: row.reason ?? undefined,
    reasonDetail: row.reasonDetail ?? undefined,
    problem: row.problem ?? undefined,
    flavor: row.flavor,
    vcpus: row.vcpus,
    memoryMiB: row.memoryMiB,
    diskGiB: row.diskGiB,
    imageId: row.imageId,
    imageName: row.imageName,
    login: row.login ?? undefined,
    networkId: row.networkId,
    networkName: row.networkName,
    address: row.address ?? undefined,
    forwards: row.forwards,
    cloud: row.cloud ?? undefined,
    sshKeys: row.sshKeys,
    userData: row.userData ?? undefined,
    files: (row.files ?? []).map(({ path, mode, contentBase64 }) => ({
      path,
      mode,
      size: byteLength(contentBase64),
    })),
    toolIds: row.toolIds,
    jobId: row.jobId ?? undefined,
    createdBy: row.createdBy ?? undefined,
    createdAt: row.createdAt,
  };
}

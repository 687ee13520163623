import type { Log } from '../../log';
import type { ImageLibrary } from '../image-library';
import { mustAct } from '../power-rules';
import { screenshotOf } from '../rfb-picture';
import type { Call, Site, SiteChange, SiteVm } from '../site';
import type { Stacks } from '../stacks';
import { captureServer, forgetKept } from './capture';
import { vncStream } from './console';
import { createServer } from './create-server';
import { openStackDiskCache } from './disk-cache';
import { heatStacks } from './heat/stacks';
import { dropCopies } from './image-copies';
import { imageOffers } from './image-offers';
import type { OpenStackAccess } from './login';
import { readOffers } from './offers';
import { serverPower } from './power';
import { examineReach, mendReach } from './reach';
import { serialLogs } from './serial';
import { stateOf, vmIdOf, type NovaServer } from './server-view';
import { findServer, listServers, removeServer, requireServer } from './servers';
import { openCloud, type CloudOptions } from './session';
import { sharedWork } from '../../shared-work';
import { serverViews } from './views';
import { watchServers, type Turns } from './watch';

export interface OpenStackSiteOptions {
  id: string;
  name: string;
  access: OpenStackAccess;
  library: ImageLibrary;
  log: Log;
  /** Another way to the cloud, and other times between questions: for tests. */
  cloud?: CloudOptions;
  turns?: Turns;
}

/**
 * A project of an OpenStack cloud as a site: its servers are our VMs, found by their metadata. Nothing of them is kept
 * here, so that another process finds the same.
 */
export function openOpenStackSite(options: OpenStackSiteOptions): Site {
  const { library, log } = options;
  const cloud = openCloud(options.access, { log, ...options.cloud });
  const listeners = new Set<(change: SiteChange) => void>();
  const emit = (change: SiteChange) => {
    for (const listener of listeners) listener(change);
  };
  const logs = serialLogs(cloud);
  const views = serverViews(cloud, logs);
  const power = serverPower(cloud);
  const making = sharedWork<NovaServer>();
  const watch = watchServers(cloud, emit, (id) => views.isBooting(id), log, options.turns);
  /** Does something with a server and tells that it changed, also when it came to nothing. */
  const changing = async <T>(ref: string, work: Promise<T>, owner?: string): Promise<T> => {
    try {
      return await work;
    } finally {
      watch.nudge();
      const vmId = owner ?? views.vmIdOf(ref);
      if (vmId !== undefined) emit({ ref, vmId });
    }
  };
  const running = async (ref: string): Promise<NovaServer> => {
    const server = await requireServer(cloud, ref);
    mustAct('look', stateOf(server));
    return server;
  };

  const offers = ({ signal }: Call) => readOffers(cloud, (each) => imageOffers(cloud, library, each), signal);
  let stacks: Stacks | undefined;

  return {
    id: options.id,
    kind: 'openstack',
    name: options.name,
    // Nova takes no grace of ours and no "now": after its own time it forces the guest by itself.
    forcesOff: false,
    offers,
    vms: {
      create: async (spec, call) => {
        const server = await making(spec.vmId, call, ({ signal, progress }) =>
          createServer({ cloud, library, signal, progress, report: (event) => call.report?.(event) }, spec),
        );
        call.progress?.(1, 1);
        return changing(server.id, views.of(server));
      },
      get: async (ref) => {
        const server = await findServer(cloud, ref);
        if (server) return views.of(server);
        views.forget(ref);
        return undefined;
      },
      list: async (): Promise<SiteVm[]> => {
        const servers = await listServers(cloud);
        return Promise.all(servers.map((server) => views.listed(server)));
      },
      start: (ref, { signal }) => changing(ref, power.start(ref, signal)),
      stop: (ref, _graceSeconds, { signal }) => changing(ref, power.stop(ref, signal)),
      reboot: (ref, { signal }) => changing(ref, power.reboot(ref, signal)),
      reset: (ref) => changing(ref, power.reset(ref)),
      pause: (ref) => changing(ref, power.pause(ref)),
      resume: (ref) => changing(ref, power.resume(ref)),
      delete: async (ref, { signal, vmId }) => {
        const owner = vmId ?? views.vmIdOf(ref);
        await changing(ref, removeServer(cloud, ref, owner, signal), owner);
        views.forget(ref);
      },
    },
    console: {
      vnc: async (ref) => vncStream(cloud, (await running(ref)).id),
    },
    screens: {
      screenshot: async (ref) => {
        const { id } = await running(ref);
        return screenshotOf(() => vncStream(cloud, id));
      },
    },
    serial: {
      serialLog: async (ref, from) => logs.read(ref, from),
    },
    capture: {
      capture: async (ref, target, mode, call) => {
        const server = await requireServer(cloud, ref, call.signal);
        await captureServer(cloud, ref, vmIdOf(server) ?? ref, target, mode, call);
      },
      forget: (imageId, { signal }) => forgetKept(cloud, imageId, signal),
    },
    reach: {
      examine: (ref, port, { signal }) => examineReach(cloud, ref, port, signal),
      mend: async (ref, fix, { signal }) => {
        const server = await requireServer(cloud, ref, signal);
        await changing(ref, mendReach(cloud, ref, vmIdOf(server) ?? ref, fix, signal));
      },
    },
    copies: {
      drop: (image, { signal }) => dropCopies(cloud, library, image, signal),
    },
    diskCache: openStackDiskCache(cloud),
    // Known from the catalogue, once signed in.
    get stacks() {
      return stacks;
    },
    onTrouble: (listener) => watch.onTrouble(listener),
    open: async () => {
      // A login that fails is told as the reason; a site that only watched would look fine until it is used.
      await cloud.who();
      if (await cloud.has('orchestration')) stacks = heatStacks(cloud, library, offers);
      watch.open();
    },
    close: async () => {
      listeners.clear();
      await watch.close();
      await cloud.close();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A server of nova as a VM of ours. */
import { z } from 'zod';
import { Problem } from '../../problem';
import type { SiteVm, SiteVmState, StopReason } from '../site';
import { serverFault } from './server-fault';

const address = z.object({
  addr: z.string(),
  version: z.number().default(4),
  'OS-EXT-IPS:type': z.string().default('fixed'),
});

/**
 * A server as `/servers/detail` and `/servers/ID` show it from microversion 2.47 on. A server of a cell that does not
 * answer comes with its id and `UNKNOWN` alone (2.69).
 */
export const novaServer = z.object({
  id: z.string(),
  name: z.string().default(''),
  status: z.string(),
  created: z.string().default(''),
  updated: z.string().default(''),
  metadata: z.record(z.string(), z.string()).default({}),
  flavor: z
    .object({ vcpus: z.number().default(0), ram: z.number().default(0), disk: z.number().default(0) })
    .default({ vcpus: 0, ram: 0, disk: 0 }),
  addresses: z.record(z.string(), z.array(address)).default({}),
  fault: z
    .object({ code: z.number().optional(), message: z.string().optional(), details: z.string().optional() })
    .optional(),
  'OS-EXT-STS:task_state': z.string().nullish(),
  'OS-EXT-STS:vm_state': z.string().nullish(),
  'OS-EXT-STS:power_state': z.number().nullish(),
  'OS-SRV-USG:launched_at': z.string().nullish(),
});
export type NovaServer = z.infer<typeof novaServer>;

/** What nova tells only on further questions. */
export interface ServerPast {
  /** When it was last started, milliseconds since 1970; undefined when it never was. */
  bootedAt: number | undefined;
  /** Why it is off; undefined while it is on. */
  stopped: StopReason | undefined;
}

/** Nova's statuses (api-ref, "Server statuses"), by what a VM of ours is then. */
const states: Record<string, SiteVmState | undefined> = {
  ACTIVE: 'running',
  BUILD: 'starting',
  ERROR: 'failed',
  HARD_REBOOT: 'running',
  MIGRATING: 'running',
  PASSWORD: 'running',
  PAUSED: 'paused',
  REBOOT: 'running',
  REBUILD: 'starting',
  RESCUE: 'running',
  RESIZE: 'starting',
  REVERT_RESIZE: 'starting',
  SHELVED: 'stopped',
  SHELVED_OFFLOADED: 'stopped',
  SHUTOFF: 'stopped',
  SUSPENDED: 'paused',
  VERIFY_RESIZE: 'running',
};

/** Our id of the VM that a server was made for; undefined for servers of others. */
export function vmIdOf(server: NovaServer): string | undefined {
  return server.metadata.edgeyard_vm;
}

/** Whether nova only keeps a memory of the server. */
export function isGone(server: NovaServer): boolean {
  return server.status === 'DELETED' || server.status === 'SOFT_DELETED';
}

/** What nova is doing with the server now, for example `spawning`; undefined when it is at rest. */
export function taskOf(server: NovaServer): string | undefined {
  return server['OS-EXT-STS:task_state'] ?? undefined;
}

/**
 * The state of a server in our words.
 *
 * @throws Problem `unavailable` while the cloud itself does not know
 */
export function stateOf(server: NovaServer): SiteVmState {
  const state = states[server.status];
  if (state) {
    // Nova lets a stopped server keep its status until it runs again.
    return state === 'stopped' && startingTasks.has(taskOf(server) ?? '') ? 'starting' : state;
  }
  throw new Problem('unavailable', 'openstack.errors.serverUnknown', { status: server.status });
}

const startingTasks = new Set(['powering-on', 'unshelving', 'spawning']);

/**
 * Turns a server into a VM.
 *
 * @param past what the server's actions tell
 * @param boot phases seen on its console since it was started
 * @throws Problem `unavailable` while the cloud itself does not know the state
 */
export function viewOf(server: NovaServer, past: ServerPast, boot: SiteVm['boot'] = []): SiteVm {
  const state = stateOf(server);
  const addresses = addressesOf(server);
  const reach = addresses[0];
  const why = whyOf(server, state, past);
  return {
    ref: server.id,
    vmId: vmIdOf(server) ?? '',
    state,
    reason: why.reason,
    ...(why.detail === undefined ? {} : { detail: why.detail }),
    since: time(server.updated) ?? time(server.created) ?? 0,
    boot: bootOf(state, past, boot),
    flavor: { vcpus: server.flavor.vcpus, memoryMiB: server.flavor.ram, diskGiB: server.flavor.disk },
    addresses,
    floating: floatingOf(server),
    forwards: [],
    ssh: reach === undefined ? undefined : { host: reach, port: 22 },
  };
}

function whyOf(
  server: NovaServer,
  state: SiteVmState,
  past: ServerPast,
): { reason: StopReason | undefined; detail?: string | undefined } {
  if (state === 'failed') {
    const { reason, problem } = serverFault(server.fault);
    return { reason, detail: problem.detail };
  }
  if (state !== 'stopped') return { reason: undefined };
  return { reason: server.status.startsWith('SHELVED') ? 'shelved' : (past.stopped ?? 'stopped') };
}

/** The firmware starts with the power; the console is silent until it has done its work. */
function bootOf(state: SiteVmState, past: ServerPast, boot: SiteVm['boot']): SiteVm['boot'] {
  if (state === 'stopped' || past.bootedAt === undefined) return [];
  const { bootedAt } = past;
  // Nova's clock may be ahead of ours.
  const later = boot.filter(({ phase }) => phase !== 'firmware');
  return [
    { phase: 'firmware', at: bootedAt },
    ...later.map(({ phase, at }) => ({ phase, at: Math.max(at, bootedAt) })),
  ];
}

/** Addresses of a server, each once: floating ones first, which lead in from outside, and IPv4 before IPv6. */
export function addressesOf(server: NovaServer): string[] {
  const all = Object.values(server.addresses).flat();
  const rank = (each: z.infer<typeof address>) =>
    (each['OS-EXT-IPS:type'] === 'floating' ? 0 : 2) + (each.version === 4 ? 0 : 1);
  return [...new Set(all.toSorted((a, b) => rank(a) - rank(b)).map(({ addr }) => addr))];
}

function floatingOf(server: NovaServer): string[] {
  const all = Object.values(server.addresses).flat();
  return all.filter((each) => each['OS-EXT-IPS:type'] === 'floating').map(({ addr }) => addr);
}

/**
 * A time of nova in milliseconds since 1970. Nova writes UTC, with `Z` or without any zone.
 *
 * @returns undefined for none
 */
export function time(text: string | null | undefined): number | undefined {
  if (!text) return undefined;
  const at = Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** Servers as VMs: what nova shows of a server, what its actions tell, and what its console has shown of the boot. */
import type { SiteVm } from '../site';
import type { Cloud } from './cloud';
import { isRefusal } from './refusals';
import type { ServerLogs } from './serial';
import { readPast } from './server-actions';
import { stateOf, viewOf, vmIdOf, type NovaServer, type ServerPast } from './server-view';

export interface ServerViews {
  of(server: NovaServer, signal?: AbortSignal): Promise<SiteVm>;
  /** The same for one of many, whose console is not asked for: its boot may be unread. */
  listed(server: NovaServer, signal?: AbortSignal): Promise<SiteVm>;
  /** Our id of a server that was seen. */
  vmIdOf(serverId: string): string | undefined;
  /** Whether a server that was seen runs and has not reached its login prompt. */
  isBooting(serverId: string): boolean;
  /** Drops what is known of a server. */
  forget(serverId: string): void;
}

interface Known {
  vmId: string | undefined;
  /** The server's `updated`: its actions are asked for once for each. */
  at: string;
  past: ServerPast;
  booting: boolean;
}

/** @param logs consoles of the same cloud */
export function serverViews(cloud: Cloud, logs: ServerLogs): ServerViews {
  const known = new Map<string, Known>();

  const pastOf = async (server: NovaServer, signal?: AbortSignal): Promise<ServerPast> => {
    const before = known.get(server.id);
    const at = `${server.updated} ${server.status} ${server['OS-EXT-STS:task_state'] ?? ''}`;
    if (before?.at === at) return before.past;
    const past = await readPast(cloud, server, signal);
    known.set(server.id, { vmId: vmIdOf(server), at, past, booting: before?.booting ?? false });
    return past;
  };

  /** When the boot began that the console tells of; undefined while the server is off. */
  const bootedAt = (server: NovaServer, past: ServerPast) =>
    ['running', 'paused'].includes(stateOf(server)) ? past.bootedAt : undefined;

  return {
    of: async (server, signal) => {
      const past = await pastOf(server, signal);
      const since = bootedAt(server, past);
      const boot = since === undefined ? [] : await bootOf(logs, server.id, since, signal);
      const isUp = boot.some(({ phase }) => phase === 'login' || phase === 'panic');
      const entry = known.get(server.id);
      if (entry) entry.booting = stateOf(server) === 'running' && !isUp;
      return viewOf(server, past, boot);
    },
    listed: async (server, signal) => {
      const past = await pastOf(server, signal);
      const since = bootedAt(server, past);
      const boot = since === undefined ? [] : logs.knownBoot(server.id, since);
      return { ...viewOf(server, past, boot), bootUnread: boot === undefined };
    },
    vmIdOf: (serverId) => known.get(serverId)?.vmId,
    isBooting: (serverId) => known.get(serverId)?.booting ?? false,
    forget: (serverId) => {
      known.delete(serverId);
      logs.forget(serverId);
    },
  };
}

/** The console is worth a look, not a failure: a host that does not answer for it still runs the server. */
async function bootOf(
  logs: ServerLogs,
  serverId: string,
  since: number,
  signal?: AbortSignal,
): Promise<SiteVm['boot']> {
  try {
    return await logs.bootOf(serverId, since, signal);
  } catch (error) {
    if (isRefusal(error, 'failed', 'unavailable', 'forbidden', 'invalid')) return [];
    throw error;
  }
}

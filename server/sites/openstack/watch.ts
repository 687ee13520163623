/** Notices what changes at a cloud: it tells nobody, so it is asked, in one question for all servers. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../../log';
import { isProblem, type Problem } from '../../problem';
import type { SiteChange } from '../site';
import type { Cloud } from './cloud';
import { isGone, novaServer, taskOf, time, vmIdOf, type NovaServer } from './server-view';

export interface Watch {
  /** Begins; what is there then is no change. */
  open(): void;
  /** Asks at once instead of at the next turn, as after an action of ours. */
  nudge(): void;
  close(): Promise<void>;
  /** Calls the listener when the cloud stops answering, and with undefined when it does again. */
  onTrouble(listener: (trouble: Problem | undefined) => void): () => void;
}

/** Milliseconds between two questions: something moves, nothing does, and the cloud does not answer. */
export interface Turns {
  moving: number;
  calm: number;
  down: number;
}

const turns = { moving: 3_000, calm: 15_000, down: 60_000 };

/** A guest boots for so long at most, as far as watching its console goes. */
const bootMs = 180_000;

/** Nova's clock and the moment a change is stored differ a little: the last seconds are asked for again. */
const overlapMs = 5_000;

const timeoutMs = 20_000;

/**
 * Watches the servers of our VMs.
 *
 * @param cloud whose servers
 * @param changed told of each server that changed, went away, or boots
 * @param isBooting whether a running server has not reached its login prompt yet
 * @param log hears when the cloud stops answering, and when it does again
 * @param wait milliseconds between questions
 */
export function watchServers(
  cloud: Cloud,
  changed: (change: SiteChange) => void,
  isBooting: (serverId: string) => boolean,
  log: Log,
  wait: Turns = turns,
): Watch {
  const stop = new AbortController();
  const seen = new Map<string, { vmId: string; mark: string; moving: boolean; since: number }>();
  let from: number | undefined;
  const troubled = new Set<(trouble: Problem | undefined) => void>();
  let failures = 0;
  let wake = new AbortController();
  let running: Promise<void> | undefined;

  const look = async () => {
    const first = from === undefined;
    const servers = await ask(cloud, from, stop.signal);
    for (const server of servers) {
      const before = seen.get(server.id);
      const vmId = vmIdOf(server) ?? before?.vmId;
      const at = time(server.updated) ?? 0;
      from = Math.max(from ?? 0, at - overlapMs);
      if (vmId === undefined) continue;
      const mark = markOf(server);
      if (isGone(server)) seen.delete(server.id);
      else seen.set(server.id, { vmId, mark, moving: isMoving(server), since: at });
      // A server that was never seen is no news when it is gone already.
      if (before ? before.mark !== mark || isGone(server) : !first && !isGone(server)) {
        changed({ ref: server.id, vmId });
      }
    }
    from ??= Date.now() - overlapMs;
    for (const [id, { vmId, since }] of seen) {
      if (Date.now() - since < bootMs && isBooting(id)) changed({ ref: id, vmId });
    }
  };

  const turn = async (): Promise<number> => {
    try {
      await look();
      if (failures > 0) {
        log.info({ failures }, 'the cloud answers again');
        for (const listener of troubled) listener(undefined);
      }
      failures = 0;
    } catch (error) {
      if (stop.signal.aborted) return 0;
      failures += 1;
      if (failures === 1) log.warn({ err: error }, 'the cloud does not answer; asking again');
      if (isProblem(error)) for (const listener of troubled) listener(error);
      return Math.min(wait.down, wait.moving * 2 ** failures);
    }
    const moves = [...seen.entries()].some(
      ([id, { moving, since }]) => moving || (Date.now() - since < bootMs && isBooting(id)),
    );
    return moves ? wait.moving : wait.calm;
  };

  const run = async () => {
    while (!stop.signal.aborted) {
      wake = new AbortController();
      const after = await turn();
      const either = AbortSignal.any([stop.signal, wake.signal]);
      await pause(after, undefined, { signal: either, ref: false }).catch(() => undefined);
    }
  };

  return {
    open: () => {
      running ??= run();
    },
    nudge: () => wake.abort(),
    onTrouble: (listener) => {
      troubled.add(listener);
      return () => troubled.delete(listener);
    },
    close: async () => {
      stop.abort();
      await running;
    },
  };
}

/** Servers that changed since a time, deleted ones among them; all that are there when no time is given. */
async function ask(cloud: Cloud, from: number | undefined, signal: AbortSignal): Promise<NovaServer[]> {
  return cloud.list({
    service: 'compute',
    path: '/servers/detail',
    query: from === undefined ? {} : { 'changes-since': new Date(from).toISOString() },
    key: 'servers',
    schema: novaServer,
    signal,
    timeoutMs,
    // The next turn asks again.
    repeats: false,
  });
}

/** What a change is told by. */
function markOf(server: NovaServer): string {
  const { status, addresses, flavor } = server;
  return JSON.stringify([status, taskOf(server), server['OS-EXT-STS:power_state'], addresses, flavor]);
}

function isMoving(server: NovaServer): boolean {
  return taskOf(server) !== undefined || server.status === 'BUILD' || server.status.includes('REBOOT');
}

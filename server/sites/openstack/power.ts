/** Power of servers: nova's actions, waited for by the server's state. */
import { isProblem } from '../../problem';
import { mustAct, type PowerAction } from '../power-rules';
import type { SiteVmState } from '../site';
import type { Cloud } from './cloud';
import { pkgcloudCompute } from './pkgcloud';
import { isRefusal } from './refusals';
import { readPast } from './server-actions';
import { serverFault } from './server-fault';
import { stateOf, taskOf, type NovaServer } from './server-view';
import { requireServer, serverPath, untilServer } from './servers';

export interface ServerPower {
  start(id: string, signal?: AbortSignal): Promise<void>;
  /** Nova asks the guest, and forces it after a time of its own. @returns whether it came to that */
  stop(id: string, signal?: AbortSignal): Promise<{ forced: boolean }>;
  /** Asks the guest; nova resets it when it does not restart in time. */
  reboot(id: string, signal?: AbortSignal): Promise<void>;
  reset(id: string): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
}

/** Milliseconds until nova has to be done; stopping and soft reboots wait for the guest first. */
const limits = { quick: 60_000, guest: 300_000, other: 120_000 };

/** Servers that are started in another way than from the state stopped. */
const starts: Record<string, string | undefined> = { SHELVED: 'unshelve', SHELVED_OFFLOADED: 'unshelve' };

/** @param cloud one of `openCloud`'s */
export function serverPower(cloud: Cloud): ServerPower {
  const nova = pkgcloudCompute(cloud);
  const post = (id: string, action: string, signal?: AbortSignal) =>
    cloud.send({
      service: 'compute',
      method: 'POST',
      path: serverPath(id, '/action'),
      body: { [action]: null },
      signal,
    });

  return {
    start: async (id, signal) => {
      await act(cloud, id, {
        action: 'start',
        signal,
        limitMs: limits.guest,
        ask: async (server) => {
          const other = starts[server.status];
          if (other) await post(id, other, signal);
          // Nova starts servers that are off; one in ERROR it builds up again by a hard reboot.
          else if (server.status === 'ERROR') await nova.reboot(id, 'HARD', signal);
          else await nova.start(id, signal);
        },
        end: 'running',
      });
    },
    stop: async (id, signal) => {
      const acted = await act(cloud, id, {
        action: 'stop',
        signal,
        limitMs: limits.guest,
        ask: async (server) => {
          // Nova does not stop what is paused or suspended, and a paused guest hears nothing.
          if (stateOf(server) === 'paused') await wake(cloud, server, post, signal);
          await nova.stop(id, signal);
        },
        end: 'stopped',
      });
      if (!acted) return { forced: false };
      const past = await readPast(cloud, await requireServer(cloud, id, signal), signal);
      return { forced: past.stopped === 'forced' };
    },
    reboot: async (id, signal) => {
      await act(cloud, id, {
        action: 'reboot',
        signal,
        limitMs: limits.guest,
        ask: () => nova.reboot(id, 'SOFT', signal),
        end: 'running',
      });
    },
    reset: async (id) => {
      await act(cloud, id, {
        action: 'reset',
        limitMs: limits.guest,
        ask: () => nova.reboot(id, 'HARD'),
        end: 'running',
      });
    },
    pause: async (id) => {
      await act(cloud, id, {
        action: 'pause',
        limitMs: limits.quick,
        ask: () => post(id, 'pause'),
        end: 'paused',
      });
    },
    resume: async (id) => {
      await act(cloud, id, {
        action: 'resume',
        limitMs: limits.quick,
        ask: (server) => wake(cloud, server, post),
        end: 'running',
      });
    },
  };
}

async function wake(
  cloud: Cloud,
  server: NovaServer,
  post: (id: string, action: string, signal?: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  await post(server.id, server.status === 'SUSPENDED' ? 'resume' : 'unpause', signal);
  await untilServer(cloud, server.id, (each) => stateOf(each) !== 'paused' && !taskOf(each), {
    signal,
    limitMs: limits.quick,
  });
}

interface Act {
  action: PowerAction;
  signal?: AbortSignal | undefined;
  limitMs: number;
  ask: (server: NovaServer) => Promise<void>;
  end: SiteVmState;
}

/**
 * Asks for an action when it has something to do, and waits until nova is done with it. While nova is at something
 * else with the server, which it refuses with 409, that is waited for first.
 *
 * @returns whether it was asked for
 * @throws Problem `conflict` when it makes no sense in this state, `unavailable` when nova does not get done
 */
async function act(cloud: Cloud, id: string, { action, signal, limitMs, ask, end }: Act): Promise<boolean> {
  const until = Date.now() + limits.other;
  for (;;) {
    const server = await atRest(cloud, await requireServer(cloud, id, signal), signal);
    if (!mustAct(action, stateOf(server))) return false;
    try {
      await ask(server);
      break;
    } catch (error) {
      if (!isRefusal(error, 'conflict')) throw error;
      const now = await requireServer(cloud, id, signal);
      // Nova began something between our look and our question, which may be over again; else it means the action.
      const isOvertaken =
        taskOf(now) !== undefined ||
        now.status !== server.status ||
        /in task_state (?!None)/.test(wordsOf(error));
      if (!isOvertaken || Date.now() > until) throw error;
    }
  }
  const done = await untilServer(cloud, id, (server) => !taskOf(server) && isEnd(server, end), {
    signal,
    limitMs,
  });
  if (done && stateOf(done) === 'failed') throw serverFault(done.fault).problem;
  return true;
}

function wordsOf(error: unknown): string {
  return isProblem(error) ? (error.detail ?? '') : '';
}

function isEnd(server: NovaServer, end: SiteVmState): boolean {
  const state = stateOf(server);
  return state === end || state === 'failed';
}

/** Waits for what nova is doing now; the power rules tell what may follow. */
async function atRest(cloud: Cloud, server: NovaServer, signal?: AbortSignal): Promise<NovaServer> {
  if (!taskOf(server)) return server;
  const rested = await untilServer(cloud, server.id, (each) => !taskOf(each), {
    signal,
    limitMs: limits.other,
  });
  return rested ?? requireServer(cloud, server.id, signal);
}

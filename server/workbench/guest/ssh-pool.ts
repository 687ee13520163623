import PQueue from 'p-queue';
import type { Client } from 'ssh2';
import { Problem } from '../../problem';
import { connectDefaults, connectGuest, type ConnectOptions, type GuestAccess } from './ssh';

/** Connections to guests, one per VM, shared by everything that talks to it and closed when idle. */
export interface SshPool {
  /**
   * Runs something over the VM's connection. A connection that breaks meanwhile is forgotten; the next use makes a new one.
   *
   * @throws Problem of `connectGuest`, or whatever `work` throws
   */
  use<T>(vmId: string, signal: AbortSignal, work: (client: Client) => Promise<T>): Promise<T>;
  /** Cuts the VM's connection: its host or key changed, or it is gone. */
  drop(vmId: string): void;
  close(): void;
}

interface Entry {
  client: Promise<Client>;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

// sshd allows ten channels per connection by default (MaxSessions); two stay free for tools.
const channelsPerVm = 8;

/**
 * @param accessOf how a VM is reached
 * @param idleMs how long an unused connection stays open
 */
export function openSshPool(
  accessOf: (vmId: string) => Promise<GuestAccess>,
  idleMs = 60_000,
  options: ConnectOptions = connectDefaults,
): SshPool {
  const entries = new Map<string, Entry>();
  const queues = new Map<string, PQueue>();
  const closing = new AbortController();

  function entryOf(vmId: string): Entry {
    const known = entries.get(vmId);
    if (known) return known;
    // The connection belongs to all its users, so no single caller's signal may cut the making of it.
    const entry: Entry = { client: open(vmId), users: 0, idle: undefined };
    entries.set(vmId, entry);
    entry.client.then(
      (client) => client.once('close', () => forget(vmId, entry)),
      () => forget(vmId, entry),
    );
    return entry;
  }

  async function open(vmId: string): Promise<Client> {
    return connectGuest(await accessOf(vmId), closing.signal, options);
  }

  function forget(vmId: string, entry: Entry): void {
    clearTimeout(entry.idle);
    if (entries.get(vmId) === entry) entries.delete(vmId);
  }

  function cut(vmId: string, entry: Entry): void {
    forget(vmId, entry);
    entry.client.then(
      (client) => client.end(),
      () => undefined,
    );
  }

  async function run<T>(vmId: string, signal: AbortSignal, work: (client: Client) => Promise<T>): Promise<T> {
    const entry = entryOf(vmId);
    entry.users += 1;
    clearTimeout(entry.idle);
    try {
      return await work(await unlessAborted(entry.client, signal));
    } finally {
      entry.users -= 1;
      if (entry.users === 0 && entries.get(vmId) === entry) {
        entry.idle = setTimeout(() => cut(vmId, entry), idleMs);
        entry.idle.unref();
      }
    }
  }

  return {
    async use(vmId, signal, work) {
      let queue = queues.get(vmId);
      if (!queue) queues.set(vmId, (queue = new PQueue({ concurrency: channelsPerVm })));
      // Not handed to the queue: its abort would free the place while the work is still on its way out.
      return queue.add(() => {
        if (signal.aborted) throw new Problem('cancelled', 'problems.cancelled');
        return run(vmId, signal, work);
      });
    },
    drop(vmId) {
      const entry = entries.get(vmId);
      if (entry) cut(vmId, entry);
      queues.delete(vmId);
    },
    close() {
      closing.abort();
      for (const [vmId, entry] of entries) cut(vmId, entry);
    },
  };
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new Problem('cancelled', 'problems.cancelled'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

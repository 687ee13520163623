import PQueue from 'p-queue';
import type { Client } from 'ssh2';
import { Problem } from '../../problem';
import { untilAborted } from '../../until-aborted';
import { openSftp, type Sftp } from './sftp';
import { connectDefaults, connectGuest, type ConnectOptions, type GuestAccess } from './ssh';

/** Connections to guests, one per VM, shared by everything that talks to it and closed when idle. */
export interface SshPool {
  /**
   * Runs something over the VM's connection. A connection that breaks meanwhile is forgotten; the next use makes a new one.
   *
   * @throws Problem of `connectGuest`, or whatever `work` throws
   */
  use<T>(vmId: string, signal: AbortSignal, work: (client: Client) => Promise<T>): Promise<T>;
  /**
   * The same with the connection's one SFTP session, which all share and nobody closes: requests carry numbers, so they
   * do not disturb each other, and dropbear dies of sessions that are opened and closed in quick succession.
   */
  sftp<T>(vmId: string, signal: AbortSignal, work: (sftp: Sftp, client: Client) => Promise<T>): Promise<T>;
  /** Cuts the VM's connection: its host or key changed, or it is gone. */
  drop(vmId: string): void;
  close(): void;
}

interface Entry {
  client: Promise<Client>;
  session: Promise<Sftp> | undefined;
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
    const entry: Entry = { client: open(vmId), session: undefined, users: 0, idle: undefined };
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

  /** The connection's session; a connection that gives none is of no use to the next one either. */
  function sessionOf(vmId: string, entry: Entry, client: Client): Promise<Sftp> {
    if (entry.session) return entry.session;
    const session = openSftp(client);
    entry.session = session;
    session.then(
      (sftp) => sftp.onClose(() => (entry.session = undefined)),
      () => cut(vmId, entry),
    );
    return session;
  }

  async function run<T>(
    vmId: string,
    signal: AbortSignal,
    work: (client: Client, entry: Entry) => Promise<T>,
  ): Promise<T> {
    const entry = entryOf(vmId);
    entry.users += 1;
    clearTimeout(entry.idle);
    try {
      return await work(await untilAborted(entry.client, signal), entry);
    } finally {
      entry.users -= 1;
      if (entry.users === 0 && entries.get(vmId) === entry) {
        entry.idle = setTimeout(() => cut(vmId, entry), idleMs);
        entry.idle.unref();
      }
    }
  }

  function inTurn<T>(
    vmId: string,
    signal: AbortSignal,
    work: (client: Client, entry: Entry) => Promise<T>,
  ): Promise<T> {
    let queue = queues.get(vmId);
    if (!queue) queues.set(vmId, (queue = new PQueue({ concurrency: channelsPerVm })));
    // Not handed to the queue: its abort would free the place while the work is still on its way out.
    return queue.add(() => {
      if (signal.aborted) throw new Problem('cancelled', 'problems.cancelled');
      return run(vmId, signal, work);
    });
  }

  return {
    use: inTurn,
    sftp: (vmId, signal, work) =>
      inTurn(vmId, signal, async (client, entry) =>
        work(await untilAborted(sessionOf(vmId, entry, client), signal), client),
      ),
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

/** Docker's API over SSH, as `DOCKER_HOST=ssh://…` has it: one login, a channel for each request. */
import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import type { Duplex } from 'node:stream';
import { Client, type ClientChannel } from 'ssh2';
import { Problem } from '../../problem';
import { wireProblem } from '../wire-faults';

export interface SshTarget {
  host: string;
  port: number;
  user: string;
  /** A private key in PEM or OpenSSH format, or a password. */
  secret: string;
  /** `SHA256:…`; empty: every key is refused, and told. */
  hostKey: string;
}

/** Where the engine listens when its host says nothing else. */
const enginePath = '/var/run/docker.sock';

/** The fingerprint of a host key as ssh-keygen prints it. @param key the key's blob */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/**
 * Logs in to a host.
 *
 * @returns the connected client, which the caller ends
 * @throws Problem `unavailable` `workloads.errors.sshLogin`, `ssh` and those of the wire; `conflict` `hostKey` with the
 *   key that was shown
 */
export async function connectSsh(target: SshTarget, signal?: AbortSignal): Promise<Client> {
  const client = new Client();
  let shown = '';
  const at = `${target.host}:${target.port}`;
  const abort = () => client.destroy();
  try {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', abort, { once: true });
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      client.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
      client.on('error', reject);
      client.connect({
        host: target.host,
        port: target.port,
        username: target.user,
        ...(isKey(target.secret) ? { privateKey: target.secret } : { password: target.secret }),
        readyTimeout: 20_000,
        keepaliveInterval: 15_000,
        keepaliveCountMax: 3,
        hostVerifier: (key: Buffer) => {
          shown = fingerprintOf(key);
          return shown === target.hostKey;
        },
      });
    });
    return client;
  } catch (error) {
    client.end();
    signal?.throwIfAborted();
    throw sshProblem(error, target, at, shown);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** Whether a secret is a private key and not a password. */
export function isKey(secret: string): boolean {
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(secret);
}

function sshProblem(error: unknown, target: SshTarget, at: string, shown: string): Problem {
  if (shown !== '' && shown !== target.hostKey) {
    const key = target.hostKey === '' ? 'hostKeyUnknown' : 'hostKeyOther';
    return new Problem('conflict', `workloads.errors.${key}`, { at, shown, known: target.hostKey });
  }
  const level = error instanceof Error && 'level' in error ? error.level : undefined;
  const detail = error instanceof Error ? error.message : undefined;
  if (level === 'client-authentication') {
    return new Problem('forbidden', 'workloads.errors.sshLogin', { at, user: target.user }, { detail });
  }
  if (level === 'client-timeout')
    return new Problem('unavailable', 'workloads.errors.timeout', { at }, { detail });
  if (detail?.includes('privateKey') === true) {
    return new Problem('invalid', 'workloads.errors.badKey', {}, { detail });
  }
  return (
    wireProblem(error, at) ??
    new Problem('unavailable', 'workloads.errors.ssh', { at }, { detail, cause: error })
  );
}

/** Connections for Node's HTTP client that are channels of one SSH login. */
export class SshAgent extends Agent {
  readonly #target: SshTarget;
  #client: Promise<Client> | undefined;

  constructor(target: SshTarget) {
    super();
    this.#target = target;
  }

  override createConnection(
    _options: unknown,
    callback: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    void this.#give(callback);
  }

  async #give(callback: (error: Error | null, stream: Duplex) => void): Promise<void> {
    let channel: ClientChannel;
    try {
      channel = await this.#channel();
    } catch (error) {
      // Node takes the error alone; its types ask for the stream in any case.
      (callback as (error: Error) => void)(error as Error);
      return;
    }
    callback(null, asSocket(channel));
  }

  async #channel(): Promise<ClientChannel> {
    this.#client ??= this.#connect();
    const client = await this.#client;
    return openChannel(client, `${this.#target.host}:${this.#target.port}`);
  }

  #connect(): Promise<Client> {
    const client = connectSsh(this.#target);
    const forget = () => {
      if (this.#client === client) this.#client = undefined;
    };
    client.then((connected) => connected.once('close', forget), forget);
    return client;
  }

  override destroy(): void {
    super.destroy();
    this.#client?.then(
      (client) => client.end(),
      () => undefined,
    );
    this.#client = undefined;
  }
}

/**
 * A channel to the engine: its socket, which sshd forwards without counting it as a session, else Docker's own
 * `dial-stdio`, which knows where the engine of that account listens.
 */
async function openChannel(client: Client, at: string): Promise<ClientChannel> {
  try {
    return await new Promise<ClientChannel>((resolve, reject) => {
      client.openssh_forwardOutStreamLocal(enginePath, (error, channel) =>
        error ? reject(error) : resolve(channel),
      );
    });
  } catch {
    return dialStdio(client, at);
  }
}

function dialStdio(client: Client, at: string): Promise<ClientChannel> {
  return new Promise<ClientChannel>((resolve, reject) => {
    client.exec('docker system dial-stdio', (error, channel) => {
      if (error) {
        reject(new Problem('unavailable', 'workloads.errors.noEngine', { at }, { detail: error.message }));
        return;
      }
      let said = '';
      channel.stderr.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-500)));
      channel.once('exit', (code: number) => {
        if (code !== 0) {
          const problem = new Problem(
            'unavailable',
            'workloads.errors.noEngine',
            { at },
            { detail: said.trim() },
          );
          channel.emit('error', problem);
        }
      });
      resolve(channel);
    });
  });
}

/** What Node's HTTP client asks of a socket beside a stream; SSH keeps the connection alive by itself. */
function asSocket(channel: ClientChannel): Duplex {
  const none = () => channel;
  return Object.assign(channel, {
    setKeepAlive: none,
    setNoDelay: none,
    setTimeout: none,
    ref: none,
    unref: none,
  });
}

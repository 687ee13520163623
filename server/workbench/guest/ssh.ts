import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Client } from 'ssh2';
import { Problem } from '../../problem';

/** How a guest is reached, and which host key it has shown before. */
export interface GuestAccess {
  host: string;
  port: number;
  username: string;
  /** OpenSSH format. */
  privateKey: string;
  /** Base64 of the host key's blob; undefined before the first connection. */
  knownHostKey: string | undefined;
  /** Remembers the host key of the first connection. */
  pin(key: string): void;
}

export interface ConnectOptions {
  /** How long to wait for the guest's SSH greeting, milliseconds. */
  bannerMs: number;
  /** How long key exchange and login may take, milliseconds. */
  loginMs: number;
}

export const connectDefaults: ConnectOptions = { bannerMs: 15_000, loginMs: 30_000 };

/**
 * Connects to a guest: waits for its greeting, checks its host key, logs in.
 *
 * @param access where and as whom; a first host key is pinned only after the login succeeded
 * @returns the connected client; the caller ends it
 * @throws Problem `unavailable` that names the hop which failed (address, greeting, key exchange, login),
 *   `conflict` for a host key that is not the pinned one, `cancelled`
 */
export async function connectGuest(
  access: GuestAccess,
  signal: AbortSignal,
  options: ConnectOptions = connectDefaults,
): Promise<Client> {
  const socket = await greetedSocket(access, signal, options.bannerMs);
  const client = new Client();
  let shown: string | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        reject(new Problem('cancelled', 'problems.cancelled'));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      client.once('ready', () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      client.once('close', () => {
        reject(new Problem('unavailable', 'files.errors.closed', { hop: hopOf(access) }));
      });
      client.on('error', (error) => {
        reject(loginProblem(error, access, shown));
      });
      client.connect({
        sock: socket,
        username: access.username,
        privateKey: access.privateKey,
        // The guest's CPU is the narrow place, above all an emulated one: ChaCha20 costs it half of AES with a MAC.
        algorithms: { cipher: { prepend: ['chacha20-poly1305@openssh.com'], append: [], remove: [] } },
        readyTimeout: options.loginMs,
        keepaliveInterval: 15_000,
        keepaliveCountMax: 4,
        hostVerifier: (key: Buffer) => {
          shown = key.toString('base64');
          return access.knownHostKey === undefined || access.knownHostKey === shown;
        },
      });
    });
  } catch (error) {
    client.end();
    socket.destroy();
    throw error;
  }
  if (access.knownHostKey === undefined && shown !== undefined) access.pin(shown);
  return client;
}

/** The fingerprint as OpenSSH prints it. @param key base64 of the key blob */
export function fingerprintOf(key: string): string {
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

function hopOf(access: GuestAccess): string {
  return `${access.host}:${access.port}`;
}

function loginProblem(error: Error, access: GuestAccess, shown: string | undefined): Problem {
  const hop = hopOf(access);
  if (shown !== undefined && access.knownHostKey !== undefined && access.knownHostKey !== shown) {
    return new Problem('conflict', 'files.errors.hostKeyChanged', {
      hop,
      known: fingerprintOf(access.knownHostKey),
      shown: fingerprintOf(shown),
    });
  }
  const level = 'level' in error ? error.level : undefined;
  const options = { detail: error.message, cause: error };
  if (level === 'client-authentication') {
    return new Problem('unavailable', 'files.errors.login', { hop, user: access.username }, options);
  }
  if (level === 'client-timeout') return new Problem('unavailable', 'files.errors.slow', { hop }, options);
  return new Problem('unavailable', 'files.errors.handshake', { hop }, options);
}

/**
 * A TCP connection on which the guest has said `SSH-`. A user-mode network accepts connections long before the guest
 * listens, so an accepted connection alone proves nothing; each try is short, and tries go on until the time is over.
 */
async function greetedSocket(access: GuestAccess, signal: AbortSignal, limitMs: number): Promise<Socket> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const tried = await tryGreeting(access, signal, Math.min(3000, Math.max(50, deadline - Date.now())));
    if (!(tried instanceof Problem)) return tried;
    if (tried.code === 'cancelled' || Date.now() >= deadline) throw tried;
    await pause(250, signal);
  }
}

function tryGreeting(access: GuestAccess, signal: AbortSignal, limitMs: number): Promise<Socket | Problem> {
  return new Promise((resolve) => {
    const hop = hopOf(access);
    const socket = connect({ host: access.host, port: access.port, noDelay: true });
    let connected = false;
    const give = (result: Socket | Problem) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('readable', onReadable);
      socket.removeListener('error', onError);
      socket.removeListener('close', onClose);
      if (result instanceof Problem) {
        socket.on('error', () => undefined);
        socket.destroy();
      }
      resolve(result);
    };
    const noGreeting = (cause?: Error) =>
      new Problem(
        'unavailable',
        connected ? 'files.errors.noGreeting' : 'files.errors.noConnection',
        { hop },
        { detail: cause?.message, cause },
      );
    const timer = setTimeout(() => {
      give(noGreeting());
    }, limitMs);
    const onAbort = () => {
      give(new Problem('cancelled', 'problems.cancelled'));
    };
    const onError = (error: Error) => {
      give(noGreeting(error));
    };
    const onClose = () => {
      give(noGreeting());
    };
    const onReadable = () => {
      const head = socket.read() as Buffer | null;
      if (head === null) return;
      socket.unshift(head);
      if (head.length < 4) return;
      if (head.subarray(0, 4).toString('latin1') === 'SSH-') give(socket);
      else give(new Problem('unavailable', 'files.errors.notSsh', { hop }));
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => {
      connected = true;
    });
    socket.on('readable', onReadable);
    socket.on('error', onError);
    socket.on('close', onClose);
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

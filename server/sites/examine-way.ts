/** The way to a site below its API: name, connection, certificate. */
import { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import {
  connect as connectTls,
  type ConnectionOptions,
  type DetailedPeerCertificate,
  type TLSSocket,
} from 'node:tls';
import { isProblem, type Problem } from '../problem';
import type { Light, LightName } from './schemas';

/** What was seen, before it is timed and named. */
export type Seen = Pick<Light, 'says'> &
  Partial<Pick<Light, 'state' | 'params' | 'detail' | 'certificate' | 'hostKey'>>;

/**
 * Looks at one thing, and takes the time.
 *
 * @throws the signal's reason, and what is none of the site's faults
 */
export async function timed(
  light: LightName,
  signal: AbortSignal,
  look: () => Promise<Seen>,
): Promise<Light> {
  const before = performance.now();
  const seen = await look().catch((error: unknown): Seen => {
    signal.throwIfAborted();
    // An error that is none of the cloud's is ours: it goes where it is logged.
    if (!isProblem(error)) throw error;
    const { key, params, detail } = error;
    return { state: 'failed', says: key, params, ...(detail !== undefined && { detail }) };
  });
  return { light, state: 'ok', ms: Math.round(performance.now() - before), params: {}, ...seen };
}

const limitMs = 10_000;

/** Where a login leads. */
export interface Target {
  host: string;
  port: number;
  encrypted: boolean;
  /** What a socket or resolver said, in the site's words; something else stays what it is. */
  fault: (error: unknown) => unknown;
}

/**
 * @param url a checked http or https address
 * @param fault see {@link Target}
 */
export function targetOf(url: string, fault: Target['fault']): Target {
  const { protocol, hostname, port } = new URL(url);
  const encrypted = protocol === 'https:';
  return {
    // URL keeps the brackets of an IPv6 address.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (encrypted ? 443 : 80) : Number(port),
    encrypted,
    fault,
  };
}

/** @throws Problem of the target's `fault` */
export async function lookAtName({ host, fault }: Target, signal: AbortSignal): Promise<Seen> {
  if (isIP(host) !== 0) return { says: 'sites.lights.nameIsAddress', params: { address: host } };
  try {
    const found = await within(lookup(host, { all: true }), signal);
    const addresses = found.map(({ address }) => address).join(', ');
    return { says: 'sites.lights.nameFound', params: { host, addresses } };
  } catch (error) {
    throw problemOf(error, fault, signal);
  }
}

/** @throws Problem of the target's `fault` */
export async function lookAtPort({ host, port, fault }: Target, signal: AbortSignal): Promise<Seen> {
  const socket = connectTcp({ host, port });
  try {
    await opened(socket, 'connect', signal);
    const address = socket.remoteAddress ?? host;
    return { says: 'sites.lights.portOpen', params: { address, port } };
  } catch (error) {
    throw problemOf(error, fault, signal);
  } finally {
    socket.destroy();
  }
}

/**
 * Shows the certificate whether it is trusted or not, and judges it by what the site's own requests use.
 *
 * @param tls the options of the login
 * @throws Problem of the target's `fault`
 */
export async function lookAtCertificate(
  { host, port, encrypted, fault }: Target,
  tls: ConnectionOptions,
  signal: AbortSignal,
): Promise<Seen> {
  if (!encrypted) return { state: 'warn', says: 'sites.lights.notEncrypted' };
  const socket = connectTls({
    ...tls,
    host,
    port,
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: false,
  });
  try {
    await opened(socket, 'secureConnect', signal);
    return judged(socket, tls.rejectUnauthorized === false, fault);
  } catch (error) {
    throw problemOf(error, fault, signal);
  } finally {
    socket.destroy();
  }
}

function judged(socket: TLSSocket, unchecked: boolean, fault: Target['fault']): Seen {
  const chain = chainOf(socket.getPeerCertificate(true));
  const [leaf] = chain;
  if (!leaf) throw problemOf(Object.assign(new Error('no certificate'), { code: 'ERR_SSL' }), fault);
  const code = String(socket.authorizationError);
  const protocol = socket.getProtocol() ?? 'TLS';
  const certificate = {
    subject: oneLine(leaf.subject),
    issuer: oneLine(leaf.issuer),
    fingerprint: leaf.fingerprint256,
    validUntil: Date.parse(leaf.validTo),
    // Another name or a passed date is not mended by taking the certificate in.
    trusted: socket.authorized || notOfTrust.has(code),
    pem: chain.map(String).join(''),
  };
  if (socket.authorized) return { says: 'sites.lights.trusted', params: { protocol }, certificate };
  const problem = problemOf(Object.assign(new Error(code), { code }), fault);
  if (unchecked) return { state: 'warn', says: 'sites.lights.unchecked', detail: code, certificate };
  return { state: 'failed', says: problem.key, params: problem.params, detail: code, certificate };
}

const notOfTrust: ReadonlySet<string> = new Set([
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
]);

/** The certificates as the server showed them, its own first. */
function chainOf(first: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  const known = new Set<string>();
  // The last of a chain names itself as its issuer.
  for (let at: DetailedPeerCertificate | undefined = first; at?.raw; at = at.issuerCertificate) {
    if (known.has(at.fingerprint256)) break;
    known.add(at.fingerprint256);
    chain.push(new X509Certificate(at.raw));
  }
  return chain;
}

/** `CN=…\nO=…` on one line, the most telling first. */
function oneLine(name: string): string {
  return name.split('\n').toReversed().join(', ');
}

async function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<void> {
  await within(
    new Promise<void>((resolve, reject) => {
      socket.once(event, () => resolve());
      socket.once('error', reject);
      socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    }),
    signal,
  );
}

/** @throws an error with the code ETIMEDOUT after ten seconds; the signal's reason */
async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // It may fail after nobody waits for it any more.
  work.catch(() => undefined);
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    const late = () => reject(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }));
    const timer = setTimeout(late, limitMs);
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
  });
  try {
    return await Promise.race([work, ended]);
  } finally {
    stop();
  }
}

/** What a socket or resolver said, as the site's own requests would say it; an abort is thrown on. */
function problemOf(error: unknown, fault: Target['fault'], signal?: AbortSignal): Problem {
  signal?.throwIfAborted();
  const problem = fault(error);
  if (isProblem(problem)) return problem;
  throw problem;
}

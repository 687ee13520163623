/** The way to a cloud below its API: name, connection, certificate. */
import { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { isProblem, Problem } from '../../problem';
import type { Light } from '../schemas';
import type { Cloud } from './cloud';
import { wireFault } from './faults';

/** What was seen, before it is timed and named. */
export type Seen = Pick<Light, 'says'> & Partial<Pick<Light, 'state' | 'params' | 'detail' | 'certificate'>>;

const limitMs = 10_000;

/** Where a login leads. */
export interface Target {
  url: string;
  host: string;
  port: number;
  encrypted: boolean;
}

/** @param authUrl a checked http or https address */
export function targetOf(authUrl: string): Target {
  const { protocol, hostname, port } = new URL(authUrl);
  const encrypted = protocol === 'https:';
  return {
    url: authUrl,
    // URL keeps the brackets of an IPv6 address.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (encrypted ? 443 : 80) : Number(port),
    encrypted,
  };
}

/** @throws Problem `openstack.errors.dns` */
export async function lookAtName({ host, url }: Target, signal: AbortSignal): Promise<Seen> {
  if (isIP(host) !== 0) return { says: 'sites.lights.nameIsAddress', params: { address: host } };
  try {
    const found = await within(lookup(host, { all: true }), signal);
    const addresses = found.map(({ address }) => address).join(', ');
    return { says: 'sites.lights.nameFound', params: { host, addresses } };
  } catch (error) {
    throw problemOf(error, url, signal);
  }
}

/** @throws Problem `openstack.errors.refused`, `noRoute`, `connectTimeout` */
export async function lookAtPort({ host, port, url }: Target, signal: AbortSignal): Promise<Seen> {
  const socket = connectTcp({ host, port });
  try {
    await opened(socket, 'connect', signal);
    const address = socket.remoteAddress ?? host;
    return { says: 'sites.lights.portOpen', params: { address, port } };
  } catch (error) {
    throw problemOf(error, url, signal);
  } finally {
    socket.destroy();
  }
}

/**
 * Shows the certificate whether it is trusted or not, and judges it by what the cloud's own requests use.
 *
 * @param tls the options of the login
 * @throws Problem `openstack.errors.tls…`
 */
export async function lookAtCertificate(
  { host, port, url, encrypted }: Target,
  tls: ReturnType<Cloud['tls']>,
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
    return judged(socket, host, tls.rejectUnauthorized === false, url);
  } catch (error) {
    throw problemOf(error, url, signal);
  } finally {
    socket.destroy();
  }
}

function judged(socket: TLSSocket, host: string, unchecked: boolean, url: string): Seen {
  const chain = chainOf(socket.getPeerCertificate(true));
  const [leaf] = chain;
  if (!leaf) throw new Problem('unavailable', 'openstack.errors.tls', { host });
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
  const problem = problemOf(Object.assign(new Error(code), { code }), url);
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

/** What a socket or resolver said, as the cloud's own requests would say it; an abort is thrown on. */
function problemOf(error: unknown, url: string, signal?: AbortSignal): Problem {
  signal?.throwIfAborted();
  const problem = wireFault(error, { service: 'identity', url }).error;
  if (isProblem(problem)) return problem;
  throw problem;
}

/** The way to a registry below its API: name, connection, certificate. */
import { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  rootCertificates,
  type DetailedPeerCertificate,
} from 'node:tls';
import { Problem } from '../problem';
import type { ExternalRegistry, RegistryLight } from './schemas';

/** What was seen, before it is timed and named. */
export type Seen = Pick<RegistryLight, 'says'> & Partial<RegistryLight>;

const limitMs = 10_000;

export interface Target {
  host: string;
  port: number;
  encrypted: boolean;
  ca: string | undefined;
}

/** @param config with a checked address */
export function targetOf({ url, ca }: ExternalRegistry): Target {
  const { protocol, hostname, port } = new URL(url);
  const encrypted = protocol === 'https:';
  return {
    // URL keeps the brackets of an IPv6 address.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (encrypted ? 443 : 80) : Number(port),
    encrypted,
    ca,
  };
}

/** @throws Problem `registries.errors.faults.dns` */
export async function lookAtName({ host }: Target): Promise<Seen> {
  if (isIP(host) !== 0) return { says: 'registries.lights.nameIsAddress', params: { address: host } };
  try {
    const found = await lookup(host, { all: true });
    const addresses = found.map(({ address }) => address).join(', ');
    return { says: 'registries.lights.nameFound', params: { host, addresses } };
  } catch (error) {
    throw wayProblem('dns', host, error);
  }
}

/** @throws Problem `registries.errors.faults.unreachable`, `timeout` */
export async function lookAtPort({ host, port }: Target, signal: AbortSignal): Promise<Seen> {
  const socket = connectTcp({ host, port });
  try {
    await opened(socket, 'connect', signal);
    return { says: 'registries.lights.portOpen', params: { address: socket.remoteAddress ?? host, port } };
  } catch (error) {
    throw wayProblem(codeOf(error) === 'ETIMEDOUT' ? 'timeout' : 'unreachable', `${host}:${port}`, error);
  } finally {
    socket.destroy();
  }
}

/** Shows the certificate whether it is trusted or not. @throws Problem `registries.errors.faults.tls` */
export async function lookAtCertificate(target: Target, signal: AbortSignal): Promise<Seen> {
  const { host, port, encrypted, ca } = target;
  if (!encrypted) return { state: 'warn', says: 'registries.lights.plainHttp' };
  const address = `${host}:${port}`;
  const secureContext = trusting(ca);
  const socket = connectTls({
    host,
    port,
    secureContext,
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: false,
  });
  try {
    await opened(socket, 'secureConnect', signal);
    const chain = chainOf(socket.getPeerCertificate(true));
    const [leaf] = chain;
    if (!leaf) throw new Problem('unavailable', 'registries.errors.faults.tls', { address, status: 0 });
    const why = socket.authorized ? undefined : String(socket.authorizationError);
    const certificate = {
      subject: oneLine(leaf.subject),
      issuer: oneLine(leaf.issuer),
      fingerprint: leaf.fingerprint256,
      validUntil: Date.parse(leaf.validTo),
      // Another name or a passed date is not mended by taking the certificate in.
      trusted: why === undefined || notOfTrust.has(why),
      pem: chain.map(String).join(''),
    };
    const protocol = socket.getProtocol() ?? 'TLS';
    if (why === undefined) return { says: 'registries.lights.trusted', params: { protocol }, certificate };
    const says = notOfTrust.has(why) ? 'registries.lights.badCertificate' : 'registries.lights.notTrusted';
    return { state: 'failed', says, params: { host }, detail: why, certificate };
  } catch (error) {
    throw error instanceof Problem ? error : wayProblem('tls', address, error);
  } finally {
    socket.destroy();
  }
}

/** As the client of registries trusts: the system's certificates, and those given, a server's own among them. */
function trusting(ca: string | undefined) {
  if (ca === undefined || ca.trim() === '') return undefined;
  checkCa(ca);
  return createSecureContext({ ca: [...rootCertificates, ca], allowPartialTrustChain: true });
}

/** @throws Problem `invalid` for certificates that cannot be read */
export function checkCa(ca: string | undefined): void {
  if (ca === undefined || ca.trim() === '') return;
  try {
    const blocks = ca.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    if (blocks.length === 0) throw new Error('no certificate in it');
    for (const block of blocks) new X509Certificate(block).toString();
  } catch (error) {
    throw new Problem('invalid', 'registries.errors.badCa', {}, { detail: String(error), cause: error });
  }
}

const notOfTrust: ReadonlySet<string> = new Set([
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
]);

/** The certificates as the server showed them, its own first. */
function chainOf(first: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  // The last of a chain names itself as its issuer.
  for (let at: DetailedPeerCertificate | undefined = first; at?.raw; at = at.issuerCertificate) {
    const { fingerprint256 } = at;
    if (chain.some((known) => known.fingerprint256 === fingerprint256)) break;
    chain.push(new X509Certificate(at.raw));
  }
  return chain;
}

/** `CN=…\nO=…` on one line, the most telling first. */
const oneLine = (name: string) => name.split('\n').toReversed().join(', ');

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '');

function wayProblem(
  fault: 'dns' | 'unreachable' | 'timeout' | 'tls',
  address: string,
  error: unknown,
): Problem {
  const detail = error instanceof Error ? error.message : String(error);
  return new Problem(
    'unavailable',
    `registries.errors.faults.${fault}`,
    { address, status: 0 },
    { detail, cause: error },
  );
}

/** @throws an error with the code ETIMEDOUT after ten seconds; the signal's reason */
function opened(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  return new Promise((resolve, reject) => {
    const late = () =>
      reject(
        signal.aborted
          ? (signal.reason as Error)
          : Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }),
      );
    limit.addEventListener('abort', late, { once: true });
    socket.once(event, () => resolve());
    // After the socket was told to go, late errors of it are nobody's.
    socket.on('error', reject);
    socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
}

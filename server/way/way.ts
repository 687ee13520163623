/**
 * The way to another machine below its API: name, connection, certificate. Facts only: whoever asks has the words, and
 * says what an error means.
 */
import { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type DetailedPeerCertificate } from 'node:tls';

const limitMs = 10_000;

/** Where a way leads. */
export interface WayTarget {
  host: string;
  port: number;
  encrypted: boolean;
}

/** A certificate as a server showed it. */
export interface ShownCertificate {
  subject: string;
  issuer: string;
  /** SHA-256, hex pairs with colons. */
  fingerprint: string;
  /** Milliseconds since 1970. */
  validUntil: number;
  /** False where taking the certificate in would mend the distrust: another name or a passed date is not mended so. */
  trusted: boolean;
  /** The whole chain. */
  pem: string;
}

/** @param url a checked http or https address */
export function wayTo(url: string): WayTarget {
  const { protocol, hostname, port } = new URL(url);
  const encrypted = protocol === 'https:';
  return {
    // URL keeps the brackets of an IPv6 address.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (encrypted ? 443 : 80) : Number(port),
    encrypted,
  };
}

/**
 * @returns the addresses of a name; undefined for what is an address itself
 * @throws the resolver's error; one with the code ETIMEDOUT after ten seconds; the signal's reason
 */
export async function addressesOf(host: string, signal: AbortSignal): Promise<string[] | undefined> {
  if (isIP(host) !== 0) return undefined;
  const found = await within(lookup(host, { all: true }), signal);
  return found.map(({ address }) => address);
}

/**
 * Connects once.
 *
 * @returns the address that answered
 * @throws the socket's error; one with the code ETIMEDOUT after ten seconds; the signal's reason
 */
export async function answeringAddress({ host, port }: WayTarget, signal: AbortSignal): Promise<string> {
  const socket = connectTcp({ host, port });
  try {
    await opened(socket, 'connect', signal);
    return socket.remoteAddress ?? host;
  } finally {
    socket.destroy();
  }
}

/** Problems of a certificate that stay when it is taken in. */
const notOfTrust: ReadonlySet<string> = new Set([
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
]);

/** What a server showed of itself. */
export interface Shown {
  certificate: ShownCertificate;
  /** `TLSv1.3`, for example. */
  protocol: string;
  /** Why it is not trusted, as OpenSSL names it; undefined when it is. */
  distrust: string | undefined;
}

/**
 * Gets the certificate whether it is trusted or not, and judges it.
 *
 * @param tls what the connections that are meant use
 * @throws the socket's error; one with the code ERR_SSL for a server without certificate, ETIMEDOUT after ten seconds;
 *   the signal's reason
 */
export async function shownCertificate(
  { host, port }: WayTarget,
  tls: ConnectionOptions,
  signal: AbortSignal,
): Promise<Shown> {
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = connectTls({ ...tls, host, port, ...servername, rejectUnauthorized: false });
  try {
    await opened(socket, 'secureConnect', signal);
    const chain = chainOf(socket.getPeerCertificate(true));
    const [leaf] = chain;
    if (!leaf) throw Object.assign(new Error('no certificate'), { code: 'ERR_SSL' });
    const distrust = socket.authorized ? undefined : String(socket.authorizationError);
    const certificate = {
      subject: oneLine(leaf.subject),
      issuer: oneLine(leaf.issuer),
      fingerprint: leaf.fingerprint256,
      validUntil: Date.parse(leaf.validTo),
      trusted: distrust === undefined || notOfTrust.has(distrust),
      pem: chain.map(String).join(''),
    };
    return { certificate, protocol: socket.getProtocol() ?? 'TLS', distrust };
  } finally {
    socket.destroy();
  }
}

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

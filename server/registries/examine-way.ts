/** The way to a registry below its API, in lights. */
import { X509Certificate } from 'node:crypto';
import { createSecureContext, rootCertificates } from 'node:tls';
import { Problem } from '../problem';
import { addressesOf, answeringAddress, shownCertificate, wayTo, type WayTarget } from '../way/way';
import type { ExternalRegistry, RegistryLight } from './schemas';

/** What was seen, before it is timed and named. */
export type Seen = Pick<RegistryLight, 'says'> & Partial<RegistryLight>;

/** Where a setting leads. */
export interface Target extends WayTarget {
  ca: string | undefined;
}

/** @param config with a checked address */
export const targetOf = ({ url, ca }: ExternalRegistry): Target => ({ ...wayTo(url), ca });

/** @throws Problem `registries.errors.faults.dns`; the signal's reason */
export async function lookAtName({ host }: Target, signal: AbortSignal): Promise<Seen> {
  const found = await addressesOf(host, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw wayProblem('dns', host, error);
  });
  return found === undefined
    ? { says: 'registries.lights.nameIsAddress', params: { address: host } }
    : { says: 'registries.lights.nameFound', params: { host, addresses: found.join(', ') } };
}

/** @throws Problem `registries.errors.faults.unreachable`, `timeout`; the signal's reason */
export async function lookAtPort(target: Target, signal: AbortSignal): Promise<Seen> {
  const { host, port } = target;
  const address = await answeringAddress(target, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw wayProblem(codeOf(error) === 'ETIMEDOUT' ? 'timeout' : 'unreachable', `${host}:${port}`, error);
  });
  return { says: 'registries.lights.portOpen', params: { address, port } };
}

/** Shows the certificate whether it is trusted or not. @throws Problem `registries.errors.faults.tls`, `badCa` */
export async function lookAtCertificate(target: Target, signal: AbortSignal): Promise<Seen> {
  const { host, port, encrypted, ca } = target;
  if (!encrypted) return { state: 'warn', says: 'registries.lights.plainHttp' };
  const secureContext = trusting(ca);
  const { certificate, protocol, distrust } = await shownCertificate(target, { secureContext }, signal).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      throw wayProblem('tls', `${host}:${port}`, error);
    },
  );
  if (distrust === undefined) return { says: 'registries.lights.trusted', params: { protocol }, certificate };
  // One that is trusted as it is has another fault: its name or its time.
  const says = certificate.trusted ? 'registries.lights.badCertificate' : 'registries.lights.notTrusted';
  return { state: 'failed', says, params: { host }, detail: distrust, certificate };
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

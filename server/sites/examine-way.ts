/** The way to a site below its API, in lights. */
import type { ConnectionOptions } from 'node:tls';
import { isProblem, type Problem } from '../problem';
import { addressesOf, answeringAddress, shownCertificate, wayTo, type WayTarget } from '../way/way';
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

/** Where a login leads. */
export interface Target extends WayTarget {
  /** What a socket or resolver said, in the site's words; something else stays what it is. */
  fault: (error: unknown) => unknown;
}

/**
 * @param url a checked http or https address
 * @param fault see {@link Target}
 */
export const targetOf = (url: string, fault: Target['fault']): Target => ({ ...wayTo(url), fault });

/** @throws Problem of the target's `fault` */
export async function lookAtName({ host, fault }: Target, signal: AbortSignal): Promise<Seen> {
  const found = await addressesOf(host, signal).catch((error: unknown) => {
    throw problemOf(error, fault, signal);
  });
  return found === undefined
    ? { says: 'sites.lights.nameIsAddress', params: { address: host } }
    : { says: 'sites.lights.nameFound', params: { host, addresses: found.join(', ') } };
}

/** @throws Problem of the target's `fault` */
export async function lookAtPort(target: Target, signal: AbortSignal): Promise<Seen> {
  const address = await answeringAddress(target, signal).catch((error: unknown) => {
    throw problemOf(error, target.fault, signal);
  });
  return { says: 'sites.lights.portOpen', params: { address, port: target.port } };
}

/**
 * Shows the certificate whether it is trusted or not, and judges it by what the site's own requests use.
 *
 * @param tls the options of the login
 * @throws Problem of the target's `fault`
 */
export async function lookAtCertificate(
  target: Target,
  tls: ConnectionOptions,
  signal: AbortSignal,
): Promise<Seen> {
  if (!target.encrypted) return { state: 'warn', says: 'sites.lights.notEncrypted' };
  const { fault } = target;
  const { certificate, protocol, distrust } = await shownCertificate(target, tls, signal).catch(
    (error: unknown) => {
      throw problemOf(error, fault, signal);
    },
  );
  if (distrust === undefined) return { says: 'sites.lights.trusted', params: { protocol }, certificate };
  const problem = problemOf(Object.assign(new Error(distrust), { code: distrust }), fault);
  const detail = distrust;
  if (tls.rejectUnauthorized === false) {
    return { state: 'warn', says: 'sites.lights.unchecked', detail, certificate };
  }
  return { state: 'failed', says: problem.key, params: problem.params, detail, certificate };
}

/** What a socket or resolver said, as the site's own requests would say it; an abort is thrown on. */
function problemOf(error: unknown, fault: Target['fault'], signal?: AbortSignal): Problem {
  signal?.throwIfAborted();
  const problem = fault(error);
  if (isProblem(problem)) return problem;
  throw problem;
}

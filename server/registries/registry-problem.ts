import type { MessageKey } from '@/messages/messages';
import { RegistryError, type RegistryFault } from '../oci/oci';
import { isProblem, Problem, type ProblemCode } from '../problem';

/** What kind of refusal each fault is for people. */
const codes = {
  dns: 'unavailable',
  unreachable: 'unavailable',
  tls: 'unavailable',
  timeout: 'unavailable',
  cut: 'unavailable',
  unauthorized: 'unavailable',
  clock: 'unavailable',
  forbidden: 'forbidden',
  notFound: 'not_found',
  noPlatform: 'not_found',
  refused: 'invalid',
  tooMany: 'unavailable',
  tooLarge: 'too_large',
  noSpace: 'no_space',
  notARegistry: 'unavailable',
  unsupported: 'invalid',
  wrongDigest: 'failed',
  changed: 'conflict',
  server: 'unavailable',
  cancelled: 'cancelled',
} as const satisfies Record<RegistryFault, ProblemCode>;

/** Faults that say something of the registry or the way to it, not of what was asked. */
const ofTheRegistry: ReadonlySet<RegistryFault> = new Set([
  'dns',
  'unreachable',
  'tls',
  'timeout',
  'unauthorized',
  'clock',
  'notARegistry',
]);

/** Message keys that say more of a fault to somebody than those of the registries an administrator set. */
export type FaultWords = Partial<Record<RegistryFault, MessageKey>>;

/** Whether an error means that the registry as a whole cannot be used now. */
export function meansDown(error: unknown): boolean {
  return isRegistryError(error) && ofTheRegistry.has(error.fault);
}

/**
 * Turns an error of a registry into a Problem with the registry's own words; other errors come back as they are, to be
 * thrown on.
 *
 * @param error what was caught
 * @param address which registry it was, as people know it
 * @param words keys in place of `registries.errors.faults.*`, with the same parameters
 */
export function registryProblem(error: unknown, address: string, words: FaultWords = {}): unknown {
  if (isProblem(error) || !isRegistryError(error)) return error;
  if (error.fault === 'cancelled')
    return new Problem('cancelled', 'problems.cancelled', {}, { cause: error });
  const { status, words: told, asked, platforms } = error.facts;
  return new Problem(
    codes[error.fault],
    words[error.fault] ?? `registries.errors.faults.${error.fault}`,
    // Messages cannot tell an empty text from others.
    { address, status: status ?? 0, ...(asked !== undefined && { asked, platforms: platforms || 'none' }) },
    { detail: told ?? error.message, cause: error },
  );
}

/**
 * Runs something that asks a registry.
 *
 * @param words as for `registryProblem`
 * @throws Problem `registries.errors.faults.*` in place of a RegistryError
 */
export async function asking<T>(address: string, ask: () => Promise<T>, words?: FaultWords): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw registryProblem(error, address, words);
  }
}

/** By name as well: bundles hold their own copies of the class. */
function isRegistryError(error: unknown): error is RegistryError {
  return error instanceof RegistryError || (error instanceof Error && error.name === 'RegistryError');
}

/** The test of a connection: six lights, from the name of the registry to whether one may push. */
import { Readable } from 'node:stream';
import { RegistryError, type Registry, type RegistryAccess } from '../oci/oci';
import { isProblem } from '../problem';
import { lookAtCertificate, lookAtName, lookAtPort, targetOf, type Seen } from './examine-way';
import { registryProblem } from './registry-problem';
import {
  registryLightNames,
  type ExternalRegistry,
  type RegistryLight,
  type RegistryLightName,
  type RegistryRole,
} from './schemas';

type Open = (access: RegistryAccess) => Registry;
const requestLimitMs = 20_000;

/**
 * Looks at everything between here and the use of a registry, and leaves nothing there. What depends on a light that
 * failed is skipped.
 *
 * @param password the one to try, which no light shows
 * @throws only the signal's reason: what fails is a light
 */
export async function* examineRegistry(
  open: Open,
  config: ExternalRegistry,
  password: string | undefined,
  role: RegistryRole,
  signal: AbortSignal = new AbortController().signal,
): AsyncGenerator<RegistryLight> {
  const { url, ca, user } = config;
  const login = user === undefined ? undefined : { user, password: password ?? '' };
  const repository = [config.prefix, role, testName].filter((part) => part !== '').join('/');
  yield* examineAt({ open: () => open({ url, ca, login }), config, user, repository }, signal);
}

interface At {
  open: () => Registry;
  config: ExternalRegistry;
  /** Who logs in; undefined: nobody in particular. */
  user: string | undefined;
  repository: string;
}

/** Name of the repository that is asked for and never made. */
export const testName = 'connection-test';

/** The lights of a registry whose client is made already in some way. */
export async function* examineAt(at: At, signal: AbortSignal): AsyncGenerator<RegistryLight> {
  const target = targetOf(at.config);
  let registry: Registry | undefined;
  const client = () => (registry ??= at.open());
  const chain: [RegistryLightName, () => Promise<Seen>][] = [
    ['dns', () => lookAtName(target, signal)],
    ['tcp', () => lookAtPort(target, signal)],
    ['tls', () => lookAtCertificate(target, signal)],
    ['login', () => lookAtLogin(client(), at.user, limited(signal))],
    ['api', () => lookAtApi(client(), at.repository, limited(signal))],
    ['push', () => lookAtPush(client(), at.repository, limited(signal))],
  ];
  try {
    for (const [name, look] of chain) {
      const light = await timed(name, target.host, signal, look);
      yield light;
      if (light.state !== 'failed') continue;
      for (const after of registryLightNames.slice(registryLightNames.indexOf(name) + 1))
        yield { light: after, state: 'skipped', ms: 0, says: `registries.lights.after.${name}`, params: {} };
      return;
    }
  } finally {
    await registry?.close();
  }
}

const limited = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(requestLimitMs)]);

async function lookAtLogin(registry: Registry, user: string | undefined, signal: AbortSignal): Promise<Seen> {
  await registry.ping({ signal });
  if (user === undefined) return { says: 'registries.lights.noLogin' };
  return { says: 'registries.lights.loggedIn', params: { user } };
}

/** Reading needs a scope of its own, which a login may lack that the base address lets in. */
async function lookAtApi(registry: Registry, repository: string, signal: AbortSignal): Promise<Seen> {
  await registry.tags(repository, { signal });
  return { says: 'registries.lights.answers', params: { repository } };
}

/** Begins an upload whose bytes cannot be right, so that it is dropped before it becomes a blob. */
async function lookAtPush(registry: Registry, repository: string, signal: AbortSignal): Promise<Seen> {
  const expected = { digest: `sha256:${'0'.repeat(64)}`, size: 0 };
  try {
    await registry.streamBlob(repository, Readable.from([]), { signal, expected });
  } catch (error) {
    if (error instanceof RegistryError && error.fault === 'wrongDigest')
      return { says: 'registries.lights.mayPush', params: { repository } };
    if (
      error instanceof RegistryError &&
      ['unauthorized', 'forbidden', 'unsupported'].includes(error.fault)
    ) {
      const detail = error.facts.words ?? error.message;
      return { state: 'failed', says: 'registries.lights.mayNotPush', params: { repository }, detail };
    }
    throw error;
  }
  return { says: 'registries.lights.mayPush', params: { repository } };
}

async function timed(
  light: RegistryLightName,
  address: string,
  signal: AbortSignal,
  look: () => Promise<Seen>,
): Promise<RegistryLight> {
  const before = performance.now();
  const seen = await look().catch((error: unknown): Seen => {
    signal.throwIfAborted();
    const problem = registryProblem(error, address);
    // An error that is none of the registry's is ours: it goes where it is logged.
    if (!isProblem(problem)) throw error;
    const { key, params, detail } = problem;
    return { state: 'failed', says: key, params, ...(detail !== undefined && { detail }) };
  });
  return {
    light,
    state: 'ok',
    params: {},
    ...seen,
    ms: Math.round(performance.now() - before),
  };
}

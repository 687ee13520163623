/** The test of a connection to a Docker host, light by light. */
import { access as checkAccess, constants } from 'node:fs/promises';
import { isProblem, Problem } from '../../problem';
import { lookAtCertificate, lookAtName, lookAtPort, timed, type Seen, type Target } from '../examine-way';
import type { Light, LightName } from '../schemas';
import { wireProblem } from '../wire-faults';
import {
  asked,
  endpointOf,
  isNewEnough,
  openEngine,
  sshTarget,
  tlsOf,
  type Endpoint,
  type Engine,
} from './engine';
import type { DockerAccess } from './login';
import { connectSsh } from './ssh-agent';

/**
 * Looks at everything between here and the use of a Docker host, and changes nothing. What depends on a light that
 * failed is skipped.
 *
 * @param signal ends it
 * @throws only the signal's reason: what fails is a light
 */
export async function* examineDocker(access: DockerAccess, signal?: AbortSignal): AsyncGenerator<Light> {
  const engine = openEngine(access);
  const ending = new AbortController();
  const either = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
  const chain = [...wayTo(access, either), ...looksAt(engine, either)];
  try {
    for (const [index, [name, look]] of chain.entries()) {
      const light = await timed(name, either, look);
      yield light;
      if (light.state !== 'failed') continue;
      for (const [other] of chain.slice(index + 1)) {
        yield { light: other, state: 'skipped', ms: 0, says: 'workloads.lights.skipped', params: {} };
      }
      return;
    }
  } finally {
    ending.abort();
    engine.close();
  }
}

type Looks = [LightName, () => Promise<Seen>][];

/** What lies between here and the engine depends on the way there. */
function wayTo(access: DockerAccess, signal: AbortSignal): Looks {
  const to = endpointOf(access.login);
  if (to.way === 'unix') return [['socket', () => lookAtSocket(to.path, access.login.endpoint)]];
  const target: Target = {
    host: to.host,
    port: to.port,
    encrypted: to.way === 'tcp' && to.tls,
    fault: (error) => wireProblem(error, access.login.endpoint) ?? error,
  };
  const way: Looks = [
    ['dns', () => lookAtName(target, signal)],
    ['tcp', () => lookAtPort(target, signal)],
  ];
  if (to.way === 'ssh') return [...way, ['ssh', () => lookAtSsh(access, to, signal)]];
  return [...way, ['tls', () => lookAtCertificate(target, tlsOf(access), signal)]];
}

async function lookAtSocket(path: string, at: string): Promise<Seen> {
  try {
    await checkAccess(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw wireProblem(error, at) ?? error;
  }
  return { says: 'workloads.lights.socket', params: { path } };
}

async function lookAtSsh(
  access: DockerAccess,
  to: Endpoint & { way: 'ssh' },
  signal: AbortSignal,
): Promise<Seen> {
  try {
    const client = await connectSsh(sshTarget(access, to), signal);
    client.end();
    return { says: 'workloads.lights.ssh', params: { user: to.user }, hostKey: access.login.hostKey };
  } catch (error) {
    // The key is shown, so that it can be compared and taken into the form.
    if (!isProblem(error) || typeof error.params.shown !== 'string') throw error;
    const { key, params } = error;
    return { state: 'failed', says: key, params, hostKey: error.params.shown };
  }
}

function looksAt(engine: Engine, signal: AbortSignal): Looks {
  return [
    ['version', () => lookAtVersion(engine, signal)],
    ['containers', () => lookAtContainers(engine, signal)],
    ['images', () => lookAtImages(engine, signal)],
    ['disk', () => lookAtDisk(engine, signal)],
  ];
}

async function lookAtVersion(engine: Engine, signal: AbortSignal): Promise<Seen> {
  const { Version, ApiVersion, Os, Arch } = await asked(engine, signal, engine.docker.version());
  const params = { version: Version, api: ApiVersion, platform: `${Os}/${Arch}` };
  if (!isNewEnough(ApiVersion)) return { state: 'failed', says: 'workloads.lights.versionOld', params };
  return { says: 'workloads.lights.engine', params };
}

async function lookAtContainers(engine: Engine, signal: AbortSignal): Promise<Seen> {
  const info = (await asked(engine, signal, engine.docker.info())) as Record<string, unknown>;
  if (info.OSType !== 'linux') {
    throw new Problem('failed', 'workloads.errors.notLinux', { os: String(info.OSType) });
  }
  const params = {
    running: Number(info.ContainersRunning),
    all: Number(info.Containers),
    cpus: Number(info.NCPU),
    memory: Number(info.MemTotal),
  };
  return { says: 'workloads.lights.containers', params };
}

async function lookAtImages(engine: Engine, signal: AbortSignal): Promise<Seen> {
  const images = await asked(engine, signal, engine.docker.listImages({ abortSignal: signal }));
  return { says: 'workloads.lights.images', params: { count: images.length } };
}

async function lookAtDisk(engine: Engine, signal: AbortSignal): Promise<Seen> {
  const info = (await asked(engine, signal, engine.docker.info())) as Record<string, unknown>;
  const used = (await asked(engine, signal, engine.docker.df())) as { LayersSize?: number };
  const params = {
    path: String(info.DockerRootDir),
    used: used.LayersSize ?? 0,
    driver: String(info.Driver),
  };
  return { says: 'workloads.lights.disk', params };
}

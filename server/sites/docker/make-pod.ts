/** Makes the containers of a pod on a Docker host. */
import type Docker from 'dockerode';
import type { Engine } from './engine';
import { asked } from './engine';
import { labels } from './labels';
import type { PodPlan } from './plan';
import type { ContainerPlan } from './plan-container';
import { tarOf } from './tar';

export interface PodHome {
  engine: Engine;
  workloadId: string;
  jobId: string;
  /** Of the workload: goes before every name, as engines have one space of names. */
  prefix: string;
  network: string;
  signal: AbortSignal | undefined;
}

/** Names of containers of a pod, in the order they are made; the first holds the pod's network. */
function containerName(home: PodHome, pod: PodPlan, container: ContainerPlan): string {
  return `${home.prefix}-${pod.name}-${container.name}`;
}

/**
 * Makes a container of a pod; it is not started.
 *
 * @param holder the container whose network it shares; undefined for the pod's first one
 */
export async function makeContainer(
  home: PodHome,
  pod: PodPlan,
  container: ContainerPlan,
  role: 'init' | 'end' | 'run',
  holder: string | undefined,
): Promise<Docker.Container> {
  const { engine, signal } = home;
  const made = await asked(
    engine,
    signal,
    engine.docker.createContainer({
      ...optionsFor(home, pod, container, role, holder),
      ...(signal && { abortSignal: signal }),
    }),
  );
  for (const mount of container.fileMounts) {
    const files = pod.files.filter(({ volume }) => volume === mount.volume);
    const at = (path: string) => (mount.subPath === undefined ? `${mount.path}/${path}` : mount.path);
    const chosen = files.filter(({ path }) => mount.subPath === undefined || path === mount.subPath);
    if (chosen.length === 0) continue;
    const tar = tarOf(
      chosen.map((file) => ({
        path: at(file.path)
          .replace(/\/{2,}/g, '/')
          .replace(/^\//, ''),
        content: Buffer.from(file.contentBase64, 'base64'),
        mode: file.mode,
      })),
    );
    await asked(engine, signal, made.putArchive(tar, { path: '/', ...(signal && { abortSignal: signal }) }));
  }
  return made;
}

function optionsFor(
  home: PodHome,
  pod: PodPlan,
  container: ContainerPlan,
  role: 'init' | 'end' | 'run',
  holder: string | undefined,
): Docker.ContainerCreateOptions {
  const published = holder === undefined && role !== 'init' ? pod.published : [];
  const keys = published.map(({ port, protocol }) => `${port}/${protocol}`);
  const shown = Object.fromEntries(
    published.map(({ port, protocol, name }) => [`${port}/${protocol}`, name]),
  );
  return {
    name: containerName(home, pod, container) + (role === 'init' ? '-init' : ''),
    Image: container.image,
    Labels: {
      [labels.workload]: home.workloadId,
      [labels.job]: home.jobId,
      [labels.part]: pod.name,
      [labels.owner]: pod.owner,
      [labels.container]: container.name,
      [labels.plan]: pod.hash,
      [labels.role]: role,
      [labels.retries]: String(pod.retries),
      [labels.ports]: JSON.stringify(shown),
    },
    Env: container.env,
    ...(container.entrypoint && { Entrypoint: container.entrypoint }),
    ...(container.command && { Cmd: container.command }),
    ...(container.workingDir !== undefined && { WorkingDir: container.workingDir }),
    ...(container.user !== undefined && { User: container.user }),
    ...(container.health && {
      Healthcheck: {
        Test: container.health.command,
        Interval: container.health.interval,
        Timeout: container.health.timeout,
        StartPeriod: container.health.start,
        Retries: container.health.retries,
      },
    }),
    Tty: container.tty,
    OpenStdin: container.stdin,
    StopTimeout: pod.stopSeconds,
    // A container within another one's network has neither a name nor ports of its own.
    ...(holder === undefined && {
      Hostname: pod.hostname.slice(0, 63),
      ExposedPorts: Object.fromEntries([...container.exposed, ...keys].map((key) => [key, {}])),
      NetworkingConfig: { EndpointsConfig: { [home.network]: { Aliases: pod.aliases } } },
    }),
    HostConfig: {
      NetworkMode: holder === undefined ? home.network : `container:${holder}`,
      RestartPolicy: restartFor(role, pod.retries),
      Mounts: container.mounts.map(({ volume, path, readOnly }) => ({
        Type: 'volume',
        Source: volumeName(home.prefix, volume),
        Target: path,
        ReadOnly: readOnly,
      })),
      Tmpfs: Object.fromEntries(container.tmpfs.map((path) => [path, ''])),
      ReadonlyRootfs: container.readOnly,
      CapDrop: container.dropped,
      SecurityOpt: ['no-new-privileges'],
      ...(container.memory > 0 && { Memory: Math.round(container.memory) }),
      ...(container.nanoCpus > 0 && { NanoCpus: container.nanoCpus }),
      ...(published.length > 0 && {
        PortBindings: Object.fromEntries(
          published.map(({ hostPort }, index) => [
            keys[index] ?? '',
            [{ HostPort: hostPort === 0 ? '' : String(hostPort) }],
          ]),
        ),
      }),
    },
  };
}

function restartFor(role: 'init' | 'end' | 'run', retries: number): Docker.HostRestartPolicy {
  if (role === 'run') return { Name: 'unless-stopped' };
  return role === 'init' ? { Name: 'no' } : { Name: 'on-failure', MaximumRetryCount: retries };
}

/** The engine's name of a deployment's volume. */
export function volumeName(prefix: string, volume: string): string {
  return `${prefix}-${volume}`;
}

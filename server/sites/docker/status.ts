/** How the containers of a workload stand. */
import type Docker from 'dockerode';
import type { PartState, WorkloadPart, WorkloadStatus } from '../workloads';
import { asked, isGone, type Engine } from './engine';
import { containersOf, labels } from './labels';

type Seen = Docker.ContainerInspectInfo;

/** So many starts in a row without one that lasts, and a container counts as crashing. */
const crashes = 3;

/**
 * Reads how a workload stands.
 *
 * @returns undefined when none of its containers is there
 */
export async function readStatus(
  engine: Engine,
  workloadId: string,
  signal: AbortSignal | undefined,
): Promise<WorkloadStatus | undefined> {
  const found = await inspectAll(engine, workloadId, signal);
  if (found.length === 0) return undefined;
  const pods = new Map<string, Seen[]>();
  for (const each of found) {
    const name = labelOf(each, labels.part);
    pods.set(name, [...(pods.get(name) ?? []), each]);
  }
  const parts = [...pods].map(([name, containers]) => partOf(name, containers));
  return {
    parts,
    endpoints: found.flatMap((each) => endpointsOf(each, engine.host)),
    ready: parts.every(({ state }) => state === 'ready' || state === 'done'),
  };
}

/** Every container of a workload in full, init containers as well, in the order of their names. */
export async function inspectAll(
  engine: Engine,
  workloadId: string,
  signal: AbortSignal | undefined,
): Promise<Seen[]> {
  const listed = await asked(engine, signal, containersOf(engine.docker, workloadId, signal));
  const seen = await Promise.all(
    listed.map(async ({ Id }) => {
      try {
        return await engine.docker.getContainer(Id).inspect(signal ? { abortSignal: signal } : {});
      } catch (error) {
        if (isGone(error)) return undefined;
        return asked(engine, signal, Promise.reject(error as Error));
      }
    }),
  );
  return seen.filter((each) => each !== undefined).sort((a, b) => a.Name.localeCompare(b.Name));
}

/** A label of a container; empty when absent. */
export function labelOf(seen: Seen, label: string): string {
  return seen.Config.Labels[label] ?? '';
}

function partOf(name: string, all: readonly Seen[]): WorkloadPart {
  const init = all.filter((each) => labelOf(each, labels.role) === 'init');
  const own = all.filter((each) => labelOf(each, labels.role) !== 'init');
  const stood = [...init, ...own].map((each) => ({ ...stateOf(each), seen: each }));
  const worst = stood.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))[0];
  const initOnly = own.length === 0;
  const addresses = own.flatMap(({ NetworkSettings }) =>
    Object.values(NetworkSettings.Networks).flatMap(({ IPAddress }) => (IPAddress ? [IPAddress] : [])),
  );
  const state = initOnly && worst?.state === 'done' ? 'starting' : (worst?.state ?? 'waiting');
  return {
    name,
    owner: all[0] ? labelOf(all[0], labels.owner) : '',
    state,
    ...(worst?.reason !== undefined && { reason: worst.reason }),
    ...(worst?.detail !== undefined && { detail: worst.detail }),
    addresses,
    containers: own.map((each) => ({
      name: labelOf(each, labels.container),
      image: each.Config.Image,
      // It is asked for by digest, and the engine takes no other content for it.
      digest: each.Config.Image.split('@')[1],
      ready: ['ready', 'done'].includes(stateOf(each).state),
      restarts: each.RestartCount,
    })),
  };
}

/** The first of these that one of its containers is in is the pod's state. */
const order: readonly PartState[] = ['failed', 'waiting', 'pulling', 'starting', 'ready', 'done'];

interface Standing {
  state: PartState;
  reason?: string;
  detail?: string;
}

function stateOf(seen: Seen): Standing {
  const { State, RestartCount } = seen;
  const role = labelOf(seen, labels.role);
  const ended = `exit code ${State.ExitCode}${State.Error ? `: ${State.Error}` : ''}`;
  if (State.OOMKilled && !State.Running) return { state: 'failed', reason: 'OOMKilled', detail: ended };
  if (State.Restarting || (State.Running && RestartCount >= crashes && isYoung(State.StartedAt))) {
    return RestartCount >= crashes
      ? { state: 'failed', reason: 'CrashLoopBackOff', detail: ended }
      : { state: 'starting', reason: 'Restarting', detail: ended };
  }
  if (State.Running) {
    const health = State.Health?.Status;
    if (health === 'unhealthy') {
      const last = State.Health?.Log?.at(-1)?.Output?.trim();
      return { state: 'failed', reason: 'Unhealthy', ...(last !== undefined && { detail: last }) };
    }
    return health === 'starting' ? { state: 'starting', reason: 'Healthcheck' } : { state: 'ready' };
  }
  if (State.Status === 'created') {
    return State.Error
      ? { state: 'failed', reason: 'StartError', detail: State.Error }
      : { state: 'starting' };
  }
  if (State.ExitCode === 0 && role !== 'run') return { state: 'done', reason: 'Completed' };
  return { state: 'failed', reason: role === 'run' ? 'Exited' : 'Error', detail: ended };
}

/** Whether a start has not yet lasted as long as a healthy one does. */
function isYoung(startedAt: string): boolean {
  return Date.now() - Date.parse(startedAt) < 10_000;
}

function endpointsOf(seen: Seen, host: string): { name: string; url: string }[] {
  const names = JSON.parse(labelOf(seen, labels.ports) || '{}') as Record<string, string>;
  return Object.entries(names).flatMap(([key, name]) => {
    const bound = seen.NetworkSettings.Ports[key]?.[0]?.HostPort;
    if (!bound) return [];
    const inUrl = host.includes(':') ? `[${host}]` : host;
    return [{ name, url: `${key.endsWith('/udp') ? 'udp' : 'http'}://${inUrl}:${bound}` }];
  });
}

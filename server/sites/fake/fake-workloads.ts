/** A site in memory that runs containers: what the rooms are tried on. */
import { Problem } from '../../problem';
import type { SiteKind, WorkloadSite } from '../site';
import type {
  KubeObject,
  WorkloadEvent,
  WorkloadNode,
  WorkloadPart,
  WorkloadSpec,
  WorkloadStatus,
} from '../workloads';

/** What a test can ask of the fake beside the port itself. */
export interface FakeWorkloadControls {
  /** Every call that reached the site, oldest first, for example `deploy wl-1`. */
  readonly calls: string[];
  /** The next call of this name (`deploy`, `remove`, `pull`, …) throws this. */
  failNext(call: string, error: Error): void;
  /** Calls of this name wait, after they were counted, until `release`; an abort ends the wait as well. */
  hold(call: string): { release: () => void };
  /** What the nodes hold, by manifest digest. */
  readonly held: Set<string>;
  /** What `held` says about being the whole list. */
  setComplete(complete: boolean): void;
  /** From now on what is fetched is not listed, as by a kubelet that has not looked yet; `held` says how late it may be. */
  listLate(lateMs: number): void;
  /** Its machines, which a test may change. */
  readonly nodes: WorkloadNode[];
  /** What was last sent for a workload. */
  specOf(workloadId: string): WorkloadSpec | undefined;
  /** A part stops working, as after a crash. */
  breakPart(workloadId: string, part: string, reason: string): void;
  /** A container writes a line. */
  write(workloadId: string, line: string): void;
}

export type FakeWorkloadSite = WorkloadSite & { controls: FakeWorkloadControls };

interface Deployed {
  spec: WorkloadSpec;
  parts: WorkloadPart[];
  events: WorkloadEvent[];
  lines: string[];
}

const makers: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Pod', 'Job']);

/** Opens a site in memory; everything is ready at once. An image called `missing` cannot be pulled. */
export function openFakeWorkloadSite(options: {
  id: string;
  name: string;
  kind?: Extract<SiteKind, 'kubernetes' | 'docker'>;
}): FakeWorkloadSite {
  const deployed = new Map<string, Deployed>();
  const listeners = new Set<(workloadId: string) => void>();
  const writers = new Set<() => void>();
  const { calls, entered, failNext, hold } = gates();
  const held = new Set<string>();
  const nodes = [fakeNode('node-1')];
  let complete = true;
  let lateMs: number | undefined;
  const changed = (id: string) => {
    for (const listener of listeners) listener(id);
    for (const wake of writers) wake();
  };
  const require = (id: string) => {
    const found = deployed.get(id);
    if (!found) throw new Problem('not_found', 'workloads.errors.noWorkload');
    return found;
  };

  return {
    id: options.id,
    kind: options.kind ?? 'kubernetes',
    name: options.name,
    open: () => Promise.resolve(),
    close: () => Promise.resolve(),
    onWorkloadChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async capacity(call) {
      await entered('capacity', call.signal);
      return { nodes: structuredClone(nodes) };
    },
    workloads: {
      async deploy(spec, call) {
        await entered(`deploy ${spec.workloadId}`, call.signal);
        const parts = partsOf(spec.objects);
        if (parts.length === 0) throw new Problem('invalid', 'workloads.errors.nothingRuns');
        const images = parts.flatMap(({ containers }) => containers.map(({ image }) => image));
        const missing = images.find((image) => image.includes('missing'));
        if (missing !== undefined) {
          const params = { part: parts[0]?.name ?? '', image: missing };
          throw new Problem('failed', 'workloads.errors.imagePull', params, { detail: 'not found' });
        }
        const at = Date.now();
        const events = parts.map(({ owner }) => ({
          at,
          about: owner,
          warning: false,
          reason: 'Started',
          message: `Started ${owner}`,
        }));
        deployed.set(spec.workloadId, { spec, parts, events, lines: ['listening'] });
        for (const image of images) held.add(digestOf(image));
        call.report?.({ event: 'workloadReady', params: { parts: parts.length } });
        const status = statusOf(parts);
        call.status?.(status);
        changed(spec.workloadId);
        return status;
      },
      async status(id, call) {
        await entered(`status ${id}`, call.signal);
        const found = deployed.get(id);
        return found && statusOf(found.parts);
      },
      async events(id, call) {
        await entered(`events ${id}`, call.signal);
        return deployed.get(id)?.events ?? [];
      },
      async *logs(id, part, container, call) {
        await entered(`logs ${id} ${part} ${container}`, call.signal);
        const { lines } = require(id);
        let next = Math.max(0, lines.length - call.tailLines);
        for (;;) {
          while (next < lines.length) yield lines[next++] ?? '';
          if (call.follow !== true || call.signal?.aborted === true || !deployed.has(id)) return;
          await new Promise<void>((resolve) => {
            const wake = () => {
              writers.delete(wake);
              resolve();
            };
            writers.add(wake);
            call.signal?.addEventListener('abort', wake, { once: true });
          });
        }
      },
      async remove(id, call) {
        await entered(`remove ${id}`, call.signal);
        if (deployed.delete(id)) changed(id);
      },
    },
    imageCache: {
      async held(call) {
        await entered('held', call.signal);
        const digests = [...held].map((digest) => ({ digest, nodes: 1 }));
        return { digests, complete, nodes: 1, lateMs };
      },
      async pull(images, _pull, call) {
        for (const [index, image] of images.entries()) {
          await entered(`pull ${image}`, call.signal);
          if (image.includes('missing')) {
            throw new Problem('failed', 'workloads.errors.imagePull', { part: options.name, image });
          }
          if (lateMs === undefined) held.add(digestOf(image));
          call.progress?.(index + 1, images.length);
        }
      },
    },
    controls: {
      calls,
      failNext,
      hold,
      held,
      nodes,
      setComplete: (to) => {
        complete = to;
      },
      listLate: (ms) => {
        lateMs = ms;
      },
      specOf: (id) => deployed.get(id)?.spec,
      breakPart: (id, name, reason) => {
        const part = require(id).parts.find((each) => each.name === name);
        if (part) Object.assign(part, { state: 'failed', reason });
        changed(id);
      },
      write: (id, line) => {
        require(id).lines.push(line);
        changed(id);
      },
    },
  };
}

/** A machine that is ready, with half of it in use. */
function fakeNode(name: string): WorkloadNode {
  return {
    name,
    ready: true,
    reason: '',
    cpus: 4,
    memoryMiB: 8_192,
    usedCpus: 2,
    usedMemoryMiB: 4_096,
    diskGiB: 100,
    freeDiskGiB: 50,
  };
}

/** Counts calls, and holds or fails those a test asks for. */
function gates() {
  const calls: string[] = [];
  const failures = new Map<string, Error>();
  const holds = new Map<string, Promise<void>>();
  const entered = async (call: string, signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted();
    calls.push(call);
    const [name = ''] = call.split(' ');
    const held = holds.get(name);
    if (held) {
      await new Promise<void>((resolve, reject) => {
        void held.then(resolve);
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    }
    const failure = failures.get(name);
    failures.delete(name);
    if (failure) throw failure;
  };
  return {
    calls,
    entered,
    failNext: (call: string, error: Error) => void failures.set(call, error),
    hold: (call: string) => {
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      holds.set(call, held);
      return {
        release: () => {
          if (holds.get(call) === held) holds.delete(call);
          release();
        },
      };
    },
  };
}

function statusOf(parts: WorkloadPart[]): WorkloadStatus {
  const endpoints = [{ name: 'web', url: 'http://192.0.2.10:30080' }];
  return { parts: structuredClone(parts), endpoints, ready: parts.every(({ state }) => state === 'ready') };
}

interface PodLike {
  containers?: { name?: string; image?: string }[];
}

function partsOf(objects: readonly KubeObject[]): WorkloadPart[] {
  return objects
    .filter(({ kind }) => makers.has(kind))
    .map((object) => {
      const spec = object.spec as (PodLike & { template?: { spec?: PodLike } }) | undefined;
      const pod = spec?.template?.spec ?? spec;
      return {
        name: `${object.metadata.name}-1`,
        owner: `${object.kind}/${object.metadata.name}`,
        state: 'ready' as const,
        node: 'node-1',
        addresses: ['192.0.2.10'],
        containers: (pod?.containers ?? []).map(({ name = '', image = '' }) => ({
          name,
          image,
          digest: digestOf(image),
          ready: true,
          restarts: 0,
        })),
      };
    });
}

function digestOf(image: string): string {
  return image.split('@')[1] ?? image;
}

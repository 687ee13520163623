/** Runs a workload on a Docker host, and takes it away. */
import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../../problem';
import type { Call, SiteEvent } from '../site';
import type { WorkloadPart, WorkloadSpec, WorkloadStatus } from '../workloads';
import { asked, engineProblem, isSettled, type Engine } from './engine';
import { ensureImage } from './images';
import { containersOf, labels, ofWorkload } from './labels';
import { makeContainer, volumeName, type PodHome } from './make-pod';
import { planFor, type PodPlan } from './plan';
import { readStatus } from './status';

type DeployCall = Call & { report?: (event: SiteEvent) => void; status?: (status: WorkloadStatus) => void };

/** How long a container must run to count as up, and between two looks; milliseconds. */
const settledMs = 2_000;
const lookMs = 500;

/** Brings a host to what a workload says: images, network, volumes, pods; what did not change is left alone. */
export async function deployOn(
  engine: Engine,
  spec: WorkloadSpec,
  call: DeployCall,
): Promise<WorkloadStatus> {
  const plan = planFor(spec.objects);
  const images = new Set(
    plan.pods.flatMap(({ init, containers }) => [...init, ...containers].map(({ image }) => image)),
  );
  for (const image of images) await ensureImage(engine, image, spec.pull, call);
  const home: PodHome = {
    engine,
    workloadId: spec.workloadId,
    jobId: spec.jobId,
    prefix: spec.name,
    network: spec.name,
    signal: call.signal,
  };
  await ensureNetwork(home);
  for (const volume of new Set(plan.pods.flatMap(({ volumes }) => volumes))) await ensureVolume(home, volume);
  const kept = await removeOthers(home, plan.pods);
  for (const pod of plan.pods) {
    if (kept.has(pod.name)) continue;
    call.report?.({ event: 'partStarting', params: { part: pod.name } });
    await startPod(home, pod, call);
  }
  return untilReady(home, plan.pods, call);
}

async function ensureNetwork({ engine, network, workloadId, signal }: PodHome): Promise<void> {
  const options = { filters: ofWorkload(workloadId), ...(signal && { abortSignal: signal }) };
  const there = await asked(engine, signal, engine.docker.listNetworks(options));
  if (there.length > 0) return;
  const wanted = { Name: network, CheckDuplicate: true, Labels: { [labels.workload]: workloadId } };
  await asked(engine, signal, engine.docker.createNetwork(wanted));
}

async function ensureVolume({ engine, prefix, workloadId, signal }: PodHome, volume: string): Promise<void> {
  // Making one that is there is no error to the engine.
  const wanted = { Name: volumeName(prefix, volume), Labels: { [labels.workload]: workloadId } };
  await asked(engine, signal, engine.docker.createVolume(wanted));
}

/** Removes what is not as planned. @returns names of the pods that are */
async function removeOthers(home: PodHome, pods: readonly PodPlan[]): Promise<Set<string>> {
  const { engine, signal } = home;
  const wanted = new Map(pods.map((pod) => [pod.name, pod]));
  const there = await asked(engine, signal, containersOf(engine.docker, home.workloadId, signal));
  const kept = new Set<string>();
  for (const [name, pod] of wanted) {
    const mine = there.filter(({ Labels }) => Labels[labels.part] === name);
    const own = mine.filter(({ Labels }) => Labels[labels.role] !== 'init');
    const same = mine.every(({ Labels }) => Labels[labels.plan] === pod.hash);
    const up = own.every(
      ({ State, Status }) => State === 'running' || (pod.ends && Status.startsWith('Exited (0)')),
    );
    if (same && up && own.length === pod.containers.length) kept.add(name);
  }
  const others = there.filter(({ Labels }) => !kept.has(Labels[labels.part] ?? ''));
  for (const { Id } of others) await removeContainer(engine, Id, signal);
  return kept;
}

async function startPod(home: PodHome, pod: PodPlan, call: DeployCall): Promise<void> {
  for (const { name } of pod.containers.filter(({ unasked }) => unasked)) {
    call.report?.({ event: 'probeNotAsked', params: { part: pod.name, container: name } });
  }
  for (const init of pod.init) {
    const made = await makeContainer(home, pod, init, 'init', undefined);
    await asked(home.engine, home.signal, made.start());
    const options = home.signal ? { abortSignal: home.signal } : {};
    const { StatusCode } = (await asked(home.engine, home.signal, made.wait(options))) as {
      StatusCode: number;
    };
    if (StatusCode !== 0) {
      const params = { part: pod.name, container: init.name, code: StatusCode };
      throw new Problem('failed', 'workloads.errors.initFailed', params);
    }
    call.report?.({ event: 'initDone', params: { part: pod.name, container: init.name } });
  }
  let holder: string | undefined;
  for (const container of pod.containers) {
    const made = await makeContainer(home, pod, container, pod.ends ? 'end' : 'run', holder);
    holder ??= made.id;
    await asked(home.engine, home.signal, made.start());
  }
}

/** Waits until every pod is up and stays so, or one cannot come up. */
async function untilReady(
  home: PodHome,
  pods: readonly PodPlan[],
  call: DeployCall,
): Promise<WorkloadStatus> {
  let readySince: number | undefined;
  let told = '';
  for (;;) {
    const status = await readStatus(home.engine, home.workloadId, call.signal);
    if (status && JSON.stringify(status) !== told) {
      told = JSON.stringify(status);
      call.status?.(status);
    }
    const failed = status?.parts.find(({ state }) => state === 'failed');
    if (failed) throw failureOf(failed);
    const whole = status?.ready === true && status.parts.length >= pods.length;
    readySince = whole ? (readySince ?? Date.now()) : undefined;
    if (status && readySince !== undefined && Date.now() - readySince >= settledMs) {
      call.report?.({ event: 'workloadReady', params: { parts: status.parts.length } });
      return status;
    }
    await pause(lookMs, undefined, call.signal ? { signal: call.signal } : {});
  }
}

function failureOf({ name, reason = '', detail }: WorkloadPart): Problem {
  const word = reason === 'CrashLoopBackOff' || reason === 'Exited' ? 'crashLoop' : 'partFailed';
  return new Problem('failed', `workloads.errors.${word}`, { part: name, reason }, { detail });
}

/** Removes everything that carries a workload's id: containers, then their network and volumes. */
export async function removeFrom(
  engine: Engine,
  workloadId: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { docker } = engine;
  const abortable = signal ? { abortSignal: signal } : {};
  const containers = await asked(engine, signal, containersOf(docker, workloadId, signal));
  // Those that use another one's network go first.
  const [holders, guests] = [containers.filter(isHolder), containers.filter((each) => !isHolder(each))];
  for (const some of [guests, holders]) {
    await Promise.all(some.map(({ Id }) => removeContainer(engine, Id, signal)));
  }
  const filters = ofWorkload(workloadId);
  for (const { Id } of await asked(engine, signal, docker.listNetworks({ filters, ...abortable }))) {
    await settled(engine, signal, docker.getNetwork(Id).remove());
  }
  const { Volumes } = await asked(engine, signal, docker.listVolumes({ filters, ...abortable }));
  for (const { Name } of Volumes) await settled(engine, signal, docker.getVolume(Name).remove());
}

function isHolder({ HostConfig }: { HostConfig: { NetworkMode?: string } }): boolean {
  return HostConfig.NetworkMode?.startsWith('container:') !== true;
}

async function removeContainer(engine: Engine, id: string, signal: AbortSignal | undefined): Promise<void> {
  const container = engine.docker.getContainer(id);
  // Its own grace first; what is gone already, or stopped, is fine.
  await settled(engine, signal, container.stop(signal ? { abortSignal: signal } : {}));
  await settled(engine, signal, container.remove({ force: true, v: true }));
}

async function settled(
  engine: Engine,
  signal: AbortSignal | undefined,
  work: Promise<unknown>,
): Promise<void> {
  try {
    await work;
  } catch (error) {
    signal?.throwIfAborted();
    if (!isSettled(error)) throw engineProblem(error, engine.at);
  }
}

/**
 * The part of the site port that runs containers: a Kubernetes cluster or a Docker host. A workload is everything that
 * was deployed together under one name; all of it carries the workload's id, so that it can be found and removed whole.
 */
import type { Call, SiteEvent } from './site';

/** One manifest of a deployment, parsed, as Kubernetes takes it; a Docker site reads the kinds it can run. */
export type KubeObject = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string | undefined } & Record<string, unknown>;
} & Record<string, unknown>;

/** How the site gets at images: our registry's address as the site reaches it, and a login that may only pull. */
export interface PullAccess {
  /** `host:port`, as it stands before a repository's name. */
  address: string;
  /** Whether it is spoken to without TLS. */
  plainHttp: boolean;
  /** PEM of the CA, where it is not a public one. */
  ca?: string | undefined;
  login?: { user: string; password: string } | undefined;
}

/** Name of the secret that a cluster keeps the login in. */
export const pullSecretName = 'edgeyard-pull';

export interface WorkloadSpec {
  /** Our id of the workload: a label on everything made for it. */
  workloadId: string;
  /** Id of the job that deploys it. */
  jobId: string;
  /** DNS label; also the namespace made for it where the site has namespaces. */
  name: string;
  /** Images in them are `repository@sha256:…` already. */
  objects: KubeObject[];
  pull: PullAccess | undefined;
}

export type PartState = 'waiting' | 'pulling' | 'starting' | 'ready' | 'failed' | 'done';

/** A pod, or a container of a Docker host. */
export interface WorkloadPart {
  /** Its name at the site. */
  name: string;
  /** What it belongs to, `Deployment/web` for example. */
  owner: string;
  state: PartState;
  /** The site's own word (`ImagePullBackOff`, say) and text, shown as they are. */
  reason?: string | undefined;
  detail?: string | undefined;
  node?: string | undefined;
  addresses: string[];
  containers: {
    name: string;
    /** As it was asked for, and the digest that runs; undefined before it was pulled. */
    image: string;
    digest: string | undefined;
    ready: boolean;
    restarts: number;
  }[];
}

export interface WorkloadEvent {
  at: number;
  /** What it is about, `Pod/web-1` for example. */
  about: string;
  warning: boolean;
  reason: string;
  message: string;
}

export interface WorkloadStatus {
  parts: WorkloadPart[];
  /** Addresses somebody can ask the app at: `http://…` of services and published ports. */
  endpoints: { name: string; url: string }[];
  /** Whether every part is ready, and at least one is. */
  ready: boolean;
}

export interface Workloads {
  /**
   * Sends everything, or what is missing of it, and waits until every part is ready.
   *
   * @throws Problem `invalid` for what the site does not take (with its words), `conflict`, `forbidden`, `failed` with
   *   the part's reason when a part cannot come up (image not to be pulled, crash loop, no node fits)
   */
  deploy(
    spec: WorkloadSpec,
    call: Call & { report?: (event: SiteEvent) => void; status?: (status: WorkloadStatus) => void },
  ): Promise<WorkloadStatus>;
  /** Undefined when nothing of the workload is there. */
  status(workloadId: string, call: Call): Promise<WorkloadStatus | undefined>;
  /** What happened around it, oldest first. */
  events(workloadId: string, call: Call): Promise<WorkloadEvent[]>;
  /** The last lines of a container's output, and those that follow until the signal aborts when `follow` is set. */
  logs(
    workloadId: string,
    part: string,
    container: string,
    call: Call & { tailLines: number; follow?: boolean },
  ): AsyncIterable<string>;
  /** Removes everything that carries the workload's id, and waits until it is gone; nothing there is fine. */
  remove(workloadId: string, call: Call & { report?: (event: SiteEvent) => void }): Promise<void>;
}

/** Which images a site holds already, and having it fetch more without running them. */
export interface ImageCache {
  /**
   * Manifest digests the site says it holds. `complete` false: there may be more (a Kubernetes node lists only its
   * biggest images), so that one that is not listed is unknown, not missing.
   *
   * @returns `lateMs`: how much later than it came an image may be listed; absent: it is listed at once
   */
  held(call: Call): Promise<{
    digests: { digest: string; nodes: number }[];
    complete: boolean;
    nodes: number;
    lateMs?: number | undefined;
  }>;
  /** Has every node that matters fetch these (`repository@sha256:…`), and proves it by digest. */
  pull(
    images: string[],
    pull: PullAccess | undefined,
    call: Call & { report?: (event: SiteEvent) => void; progress?: (done: number, total: number) => void },
  ): Promise<void>;
}

/** A machine of a cluster, or the one machine of a Docker host. */
export interface WorkloadNode {
  name: string;
  ready: boolean;
  /** The site's own words when it is not. */
  reason: string;
  cpus: number;
  memoryMiB: number;
  /** What running workloads have asked for; undefined where the site does not count it. */
  usedCpus: number | undefined;
  usedMemoryMiB: number | undefined;
  /** GiB of the disk that images are kept on, and what of it is free; undefined where the site does not tell. */
  diskGiB: number | undefined;
  freeDiskGiB: number | undefined;
}

export interface WorkloadCapacity {
  nodes: WorkloadNode[];
}

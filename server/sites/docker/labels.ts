/** How what we make on a Docker host is found again. */
import type Docker from 'dockerode';

export const labels = {
  workload: 'edgeyard.workload',
  job: 'edgeyard.job',
  /** The pod's name, what it belongs to, and the container's name in it. */
  part: 'edgeyard.part',
  owner: 'edgeyard.owner',
  container: 'edgeyard.container',
  /** Of the pod's plan, so that what did not change is left alone. */
  plan: 'edgeyard.plan',
  /** `init`, `end` for a container that is there to end, `run`. */
  role: 'edgeyard.role',
  /** How often a container that fails may be started anew. */
  retries: 'edgeyard.retries',
  /** Names of its published ports, as JSON: `{"8080/tcp": "web"}`. */
  ports: 'edgeyard.ports',
} as const;

/** Filters for what carries a workload's id. */
export function ofWorkload(workloadId: string): { label: string[] } {
  return { label: [`${labels.workload}=${workloadId}`] };
}

/** Containers of a workload, stopped ones as well. */
export function containersOf(
  docker: Docker,
  workloadId: string,
  signal: AbortSignal | undefined,
): Promise<Docker.ContainerInfo[]> {
  return docker.listContainers({
    all: true,
    filters: ofWorkload(workloadId),
    ...(signal && { abortSignal: signal }),
  });
}

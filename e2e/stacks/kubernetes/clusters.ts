import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The clusters that `stack.sh up` makes: edge1 has two nodes, edge2 one. */
export type ClusterName = 'edge1' | 'edge2';

const script = fileURLToPath(new URL('stack.sh', import.meta.url));

/**
 * The administrator's kubeconfig of a cluster, whole: the text that people paste or upload.
 *
 * @throws Error when KUBECONFIG names no file of that cluster
 */
export function kubeconfigOf(cluster: ClusterName): string {
  return readFileSync(kubeconfigFileOf(cluster), 'utf8');
}

/** The path of that file, for kubectl. */
export function kubeconfigFileOf(cluster: ClusterName): string {
  const files = (process.env.KUBECONFIG ?? '').split(delimiter);
  const file = files.find((candidate) => candidate.endsWith(`/${cluster}/kubeconfig`));
  if (file === undefined)
    throw new Error(`KUBECONFIG names no cluster ${cluster}: e2e/stacks/kubernetes/stack.sh up`);
  return file;
}

/**
 * Lets the nodes of all clusters pull from a registry, from the next pull on.
 *
 * @param address `host:port`; nodes reach this machine at 10.89.0.1
 * @param ca the authority of its certificate as PEM; without one the nodes use plain HTTP
 */
export async function letNodesPull(address: string, ca?: string): Promise<void> {
  if (ca === undefined) return runStack('registry', address, 'http');
  const folder = mkdtempSync(join(tmpdir(), 'edgeyard-nodes-'));
  try {
    const file = join(folder, 'ca.crt');
    writeFileSync(file, ca);
    await runStack('registry', address, file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Ends one process of a cluster as a power cut does: a node (`edge1-n2`, with all that runs on it), `apiserver`, `etcd`,
 * `controller-manager` or `scheduler`.
 */
export async function stopPart(cluster: ClusterName, part: string): Promise<void> {
  await runStack('stop', cluster, part);
}

/** Starts whatever of a cluster does not run, and waits until all nodes are ready. */
export async function startCluster(cluster: ClusterName): Promise<void> {
  await runStack('up', cluster);
}

async function runStack(...args: string[]): Promise<void> {
  await promisify(execFile)('bash', [script, ...args]);
}

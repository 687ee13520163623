/** What a deployment's job says and does when its cluster's API server is killed in the middle. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pino from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { holdBlobs } from '../../../e2e/stacks/held-blobs';
import {
  kubeconfigFileOf,
  kubeconfigOf,
  letNodesPull,
  startCluster,
  stopPart,
} from '../../../e2e/stacks/kubernetes/clusters';
import { startRegistry, type TestRegistry } from '../../../e2e/stacks/registry';
import { pushImage, testImage } from '../../../e2e/stacks/test-image';
import { readKubeconfig } from '../../sites/kubernetes/import-login';
import { openKubernetesSite } from '../../sites/kubernetes/kubernetes-site';
import type { WorkloadSite } from '../../sites/site';
import { operator, testDeployments } from './testing';

const run = promisify(execFile);
const host = '10.89.0.1';
const patience = { timeout: 90_000, interval: 250 };
let registry: TestRegistry;

beforeAll(async () => {
  registry = await startRegistry({ host });
});
afterAll(() => registry.stop());

function openEdge2(absenceMs: number | undefined): WorkloadSite {
  const [context] = readKubeconfig(kubeconfigOf('edge2'));
  if (context?.secret === undefined) throw new Error('the kubeconfig of edge2 has no certificate');
  const access = { login: context.login, secret: context.secret };
  return openKubernetesSite({ id: 'k8s', name: 'edge2', access, log: pino({ level: 'silent' }), absenceMs });
}

const objects = (version: string) => [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'web', image: `acme/web:${version}` }],
        },
      },
    },
  },
];

/** A deployment whose image the node is in the middle of fetching. */
async function inTheMiddle(name: string, absenceMs?: number) {
  const image = testImage({ seed: name, version: name });
  await pushImage(image, { url: registry.url, repository: 'faults/web', tag: name });
  const door = await holdBlobs(registry, host);
  onTestFinished(door.stop);
  await letNodesPull(door.address);
  const site = openEdge2(absenceMs);
  await site.open();
  onTestFinished(() => site.close());
  const pull = { address: door.address, plainHttp: true };
  const reference = () => `${door.address}/faults/web@${image.digest}`;
  const at = testDeployments({ site, objects, reference, pull });
  onTestFinished(() => at.close());
  onTestFinished(() => startCluster('edge2'));
  const wish = { releaseId: 'web1', edgeIds: ['k8s'], name, values: '', parameters: {} };
  const [begun] = (await at.room.deployRelease(operator, wish)).started;
  if (!begun) throw new Error('Nothing was started.');
  await vi.waitFor(() => expect(door.waiting()).toBeGreaterThan(0), patience);
  const { deployment, job } = begun;
  const said = () => at.jobs.log(job.id).map(({ line }) => (typeof line === 'string' ? line : line.key));
  return { at, door, id: deployment.id, job, said };
}

async function namespaces(): Promise<string> {
  const args = ['--kubeconfig', kubeconfigFileOf('edge2'), 'get', 'namespaces', '-o', 'name'];
  return (await run('kubectl', args)).stdout;
}

it('waits, says so, and goes on', async () => {
  const name = `waits-${Date.now()}`;
  const { at, door, id, job, said } = await inTheMiddle(name);
  await stopPart('edge2', 'apiserver');
  await vi.waitFor(() => expect(said()).toContain('workloads.events.clusterAway'), patience);
  expect(at.jobs.get(job.id)?.state).toBe('running');
  await startCluster('edge2');
  door.release();
  expect(await at.done(job)).toMatchObject({ state: 'done', error: undefined });
  expect(said()).toContain('workloads.events.clusterBack');
  expect(await at.room.get(operator, id)).toMatchObject({ state: 'ready' });
  expect(await at.done(at.room.remove(operator, id))).toMatchObject({ state: 'done' });
  expect(await namespaces()).not.toContain(name);
});

it('cancelled meanwhile takes away what was begun once the cluster is back', async () => {
  const name = `cancelled-${Date.now()}`;
  const { at, id, job, said } = await inTheMiddle(name);
  await stopPart('edge2', 'apiserver');
  await vi.waitFor(() => expect(said()).toContain('workloads.events.clusterAway'), patience);
  at.jobs.cancel(job.id);
  await startCluster('edge2');
  expect(await at.done(job)).toMatchObject({ state: 'cancelled', undoError: undefined });
  expect(await namespaces()).not.toContain(name);
  await expect(at.room.get(operator, id)).rejects.toMatchObject({ code: 'not_found' });
});

it('fails with the reason when the cluster stays away, and can be removed when it is back', async () => {
  const name = `fails-${Date.now()}`;
  const { at, id, job } = await inTheMiddle(name, 3_000);
  await stopPart('edge2', 'apiserver');
  expect(await at.done(job)).toMatchObject({
    state: 'failed',
    error: { code: 'unavailable', key: 'workloads.errors.refused' },
    undoError: { key: 'workloads.errors.refused' },
  });
  expect(await at.room.get(operator, id)).toMatchObject({
    state: 'failed',
    revisions: [{ outcome: 'failed', problem: { key: 'workloads.errors.refused' } }],
  });
  await startCluster('edge2');
  expect(await at.done(at.room.remove(operator, id))).toMatchObject({ state: 'done' });
  expect(await namespaces()).not.toContain(name);
});

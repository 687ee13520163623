import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubeconfigOf, letNodesPull } from '../../e2e/stacks/kubernetes/clusters';
import { startRegistry, type TestRegistry } from '../../e2e/stacks/registry';
import { pushImage, testImage } from '../../e2e/stacks/test-image';
import { openRegistry } from '../oci/open-registry';
import type { Registry } from '../oci/oci';
import { kubernetesKind } from '../sites/kubernetes/kind';
import type { WorkloadSite } from '../sites/site';
import { owner, testContainers } from './testing';

const signal = new AbortController().signal;
const image = testImage({ version: 'containers' });
let registry: TestRegistry;
let client: Registry;
let site: WorkloadSite;
let at: ReturnType<typeof testContainers>;

beforeAll(async () => {
  // The address that the nodes reach the registry at.
  registry = await startRegistry({ host: '10.89.0.1' });
  await letNodesPull(registry.address);
  await pushImage(image, { url: registry.url, repository: 'acme/web', tag: '1' });
  client = openRegistry({ url: registry.url });
  const log = pino({ level: 'silent' });
  const kind = kubernetesKind({ log });
  const [login] = kind.readLogins?.(kubeconfigOf('edge1')) ?? [];
  if (login?.kind !== 'kubernetes') throw new Error('edge1 has no kubeconfig');
  site = kind.open('k8s', 'edge1', login.login, login.secret ?? '') as WorkloadSite;
  await site.open();
  const home = {
    role: 'workbench' as const,
    registry: client,
    repository: (...path: string[]) => path.join('/'),
    address: registry.address,
  };
  const registries = {
    of: () => Promise.resolve(home),
    pullAccess: () => Promise.resolve({ address: registry.address, plainHttp: true }),
    revokePull: () => undefined,
  };
  at = testContainers(registries, undefined, [site]);
  at.jobs.run();
  const reference = `${registry.address}/acme/web:1`;
  expect(await at.done(at.room.pull(owner, 'prj', { reference, plainHttp: true }))).toMatchObject({
    state: 'done',
  });
});
afterAll(async () => {
  await at.close();
  await site.close();
  await client.close();
  await registry.stop();
});

const textWith = (args: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: '${registry.address}/acme/web:1'${args}}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 8080}]}
`;

async function save(text: string): Promise<void> {
  const basedOn = at.room.text.get(owner, 'prj')?.updatedAt ?? null;
  await at.room.text.save(owner, { projectId: 'prj', content: { kind: 'manifests', text }, basedOn });
}

describe('a test deployment on a real cluster', () => {
  it('runs by digest until every pod is ready, tells of itself, and goes without a trace', async () => {
    await save(textWith(''));
    const input = { projectId: 'prj', siteId: 'k8s', name: 'containers-try' };
    const { deployment, job } = await at.room.deployments.create(owner, input, signal);
    expect(await at.done(job)).toMatchObject({ state: 'done', error: undefined });
    const seen = await at.room.deployments.get(owner, deployment.id, signal);
    expect(seen.state).toBe('ready');
    const pods = seen.status?.parts ?? [];
    expect(pods).toHaveLength(2);
    expect(pods.every((pod) => pod.containers[0]?.digest === image.digest)).toBe(true);
    expect((await at.room.deployments.events(owner, deployment.id, signal)).length).toBeGreaterThan(0);
    const logs = { deploymentId: deployment.id, part: pods[0]?.name ?? '', container: 'web' };
    const lines: string[] = [];
    for await (const line of at.room.deployments.logs(owner, logs, false, signal)) lines.push(line);
    expect(lines.join('')).not.toBe('');
    expect(await at.done(at.room.deployments.remove(owner, deployment.id))).toMatchObject({ state: 'done' });
    expect(await site.workloads.status(deployment.id, { signal })).toBeUndefined();
  });

  it('fails with the reason when a pod cannot stay up, and leaves nothing', async () => {
    await save(textWith(", args: ['exit', '3']"));
    const input = { projectId: 'prj', siteId: 'k8s', name: 'containers-fails' };
    const { deployment, job } = await at.room.deployments.create(owner, input, signal);
    const over = await at.done(job);
    expect(over).toMatchObject({ state: 'failed', undoError: undefined });
    expect(over.error?.key).toContain('workloads.errors.');
    expect(await site.workloads.status(deployment.id, { signal })).toBeUndefined();
    const failed = await at.room.deployments.get(owner, deployment.id, signal);
    expect(failed.status?.parts.length).toBeGreaterThan(0);
    await at.done(at.room.deployments.remove(owner, deployment.id));
  });
});

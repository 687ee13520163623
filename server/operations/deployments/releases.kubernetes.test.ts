import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubeconfigOf, letNodesPull } from '../../../e2e/stacks/kubernetes/clusters';
import { startRegistry, type TestRegistry } from '../../../e2e/stacks/registry';
import { pushImage, testImage } from '../../../e2e/stacks/test-image';
import { kubernetesKind } from '../../sites/kubernetes/kind';
import type { WorkloadSite } from '../../sites/site';
import { operator, testDeployments } from './testing';

const images = { '1.0': testImage({ version: 'release 1.0' }), '2.0': testImage({ version: 'release 2.0' }) };
type Version = keyof typeof images;
/** A test that is tried again starts beside what it left. */
let tries = 0;
/** Tells the next upgrade to name an image that is in no registry. */
let missing = false;
let registry: TestRegistry;
let site: WorkloadSite;
let at: ReturnType<typeof testDeployments>;

/** Two pods and their service; version 2.0 has a ConfigMap more. */
const objectsOf = (version: string) => [
  ...(version === '2.0'
    ? [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'only-in-2' }, data: {} }]
    : []),
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'web',
              image: `acme/web:${version}`,
              ports: [{ containerPort: 8080 }],
              readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
              resources: { requests: { cpu: '10m', memory: '8Mi' } },
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  },
];

beforeAll(async () => {
  const login = { user: 'puller', password: 'pull' };
  registry = await startRegistry({ host: '10.89.0.1', htpasswd: { [login.user]: login.password } });
  await letNodesPull(registry.address);
  const authorization = `Basic ${Buffer.from('puller:pull').toString('base64')}`;
  for (const [tag, image] of Object.entries(images)) {
    await pushImage(image, { url: registry.url, repository: 'releases/web', tag, authorization });
  }
  const kind = kubernetesKind({ log: pino({ level: 'silent' }) });
  const [context] = kind.readLogins?.(kubeconfigOf('edge1')) ?? [];
  if (context?.kind !== 'kubernetes') throw new Error('edge1 has no kubeconfig');
  site = kind.open('k8s', 'edge1', context.login, context.secret ?? '') as WorkloadSite;
  await site.open();
  at = testDeployments({
    site,
    objects: objectsOf,
    reference: (version) => {
      const digest = missing ? `sha256:${'0'.repeat(64)}` : images[version as Version].digest;
      // What ran before is named by its own digest again.
      missing = false;
      return `${registry.address}/releases/web@${digest}`;
    },
    pull: { address: registry.address, plainHttp: true, login },
  });
});
afterAll(async () => {
  await at.close();
  for (const { id } of at.room.list(operator, {})) await site.workloads.remove(id, {});
  await site.close();
  await registry.stop();
});

const one = (id: string) => at.room.get(operator, id);

/** Waits for what the app answers at its first endpoint: nodes learn of a service's new pods one after the other. */
async function answers(id: string, words: string): Promise<void> {
  const { endpoints } = await one(id);
  const ask = async () => {
    const signal = AbortSignal.timeout(2_000);
    return await (await fetch(endpoints[0]?.url ?? '', { signal })).text();
  };
  await expect.poll(() => ask().catch(String), { timeout: 30_000, interval: 500 }).toContain(words);
}

describe('a release at a real cluster', () => {
  it('is deployed, upgraded, kept through a failure, rolled back, and gone without a trace', async () => {
    const plan = await at.room.planRelease(operator, { releaseId: 'web1', edgeId: 'k8s' });
    expect(plan.reasons).toEqual([]);
    expect(plan.quota[0]).toMatchObject({ resource: 'cpus', asks: 0.02 });
    expect(plan.quota[0]?.free).toBeGreaterThan(0);

    const { id, job } = await at.deployed('web1', 'k8s', { name: `release-try-${(tries += 1)}` });
    expect(job).toMatchObject({ state: 'done', error: undefined });
    await answers(id, 'release 1.0');
    const { parts } = await one(id);
    expect(parts.map(({ containers }) => containers[0]?.digest)).toEqual([
      images['1.0'].digest,
      images['1.0'].digest,
    ]);

    const upgrade = { releaseId: 'web2', parameters: {} };
    const up = await at.room.upgrade(operator, id, upgrade);
    expect(await at.done(up.job)).toMatchObject({ state: 'done', error: undefined });
    expect(await one(id)).toMatchObject({ state: 'ready', packageVersion: '2.0' });
    await answers(id, 'release 2.0');

    missing = true;
    const broken = await at.room.upgrade(operator, id, { releaseId: 'web1', parameters: {} });
    expect(await at.done(broken.job)).toMatchObject({ state: 'failed', undoError: undefined });
    expect(await one(id)).toMatchObject({
      state: 'ready',
      packageVersion: '2.0',
      revisions: [{}, { outcome: 'running' }, { outcome: 'failed', problem: { code: 'failed' } }],
    });
    await answers(id, 'release 2.0');

    const back = await at.room.rollBack(operator, id);
    expect(await at.done(back.job)).toMatchObject({ state: 'done' });
    await answers(id, 'release 1.0');

    expect(await at.done(at.room.remove(operator, id))).toMatchObject({ state: 'done' });
    expect(await site.workloads.status(id, {})).toBeUndefined();
    await expect(one(id)).rejects.toMatchObject({ code: 'not_found' });
    expect([...at.logins].filter((holder) => holder.includes(id))).toEqual([]);
  });
});

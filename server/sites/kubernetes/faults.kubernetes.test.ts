/** What a cluster's faults look like from here, and that nothing half-done stays of them. */
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pino from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { testCa } from '../../../e2e/stacks/certificates';
import { holdBlobs } from '../../../e2e/stacks/held-blobs';
import {
  kubeconfigFileOf,
  kubeconfigOf,
  letNodesPull,
  startCluster,
  stopPart,
  type ClusterName,
} from '../../../e2e/stacks/kubernetes/clusters';
import { startRegistry, type TestRegistry } from '../../../e2e/stacks/registry';
import { pushImage, testImage } from '../../../e2e/stacks/test-image';
import type { SiteEvent, WorkloadSite } from '../site';
import type { WorkloadSpec } from '../workloads';
import { examineCluster } from './examine';
import { readKubeconfig } from './import-login';
import { openKubernetesSite } from './kubernetes-site';
import type { KubernetesAccess } from './login';

const run = promisify(execFile);
const log = pino({ level: 'silent' });
const host = '10.89.0.1';
const seed = `faults ${Date.now()}`;
const repository = 'faults/web';
let registry: TestRegistry;
let endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  registry = await startRegistry({ host });
  await letNodesPull(registry.address);
});
afterAll(async () => {
  for (const end of endings) await end();
  endings = [];
  await registry.stop();
});

function accessTo(cluster: ClusterName): KubernetesAccess {
  const [context] = readKubeconfig(kubeconfigOf(cluster));
  if (context?.secret === undefined) throw new Error(`the kubeconfig of ${cluster} has no certificate`);
  return { login: context.login, secret: context.secret };
}

async function siteOf(cluster: ClusterName, absenceMs?: number): Promise<WorkloadSite> {
  const site = openKubernetesSite({ id: cluster, name: cluster, access: accessTo(cluster), log, absenceMs });
  await site.open();
  endings.push(() => site.close());
  return site;
}

/** An image that no node has. */
async function freshImage(name: string) {
  const image = testImage({ seed: `${seed} ${name}`, version: name });
  await pushImage(image, { url: registry.url, repository, tag: name });
  return image;
}

function webSpec(name: string, image: string): WorkloadSpec {
  const labels = { app: 'web' };
  const containers = [{ name: 'web', image, ports: [{ containerPort: 8080 }] }];
  return {
    workloadId: name,
    jobId: 'job-1',
    name,
    objects: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'words' }, data: { word: 'one' } },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: {
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers } },
        },
      },
    ],
    pull: { address: registry.address, plainHttp: true },
  };
}

/** Brings back what a test stopped, and takes away what it left when it failed. */
async function mended(...names: string[]): Promise<void> {
  await startCluster('edge2');
  if (names.length === 0) return;
  const remove = ['delete', 'namespace', '--ignore-not-found', ...names];
  await run('kubectl', ['--kubeconfig', kubeconfigFileOf('edge2'), ...remove]);
}

async function namespacesOf(cluster: ClusterName): Promise<string> {
  const args = ['--kubeconfig', kubeconfigFileOf(cluster), 'get', 'namespaces', '-o', 'name'];
  return (await run('kubectl', args)).stdout;
}

/** Keeps what a site says, and lets a test wait for it. */
function hearing() {
  const heard: SiteEvent[] = [];
  return {
    heard,
    report: (event: SiteEvent) => void heard.push(event),
    until: (name: string) =>
      vi.waitFor(() => expect(heard.map(({ event }) => event)).toContain(name), { timeout: 60_000 }),
  };
}

it('goes on with a deployment in whose middle the API server was killed, and says that it waits', async () => {
  const site = await siteOf('edge2');
  const image = await freshImage('killed');
  const door = await holdBlobs(registry, host);
  onTestFinished(door.stop);
  const name = `killed-${Date.now()}`;
  onTestFinished(() => mended(name));
  await letNodesPull(door.address);
  const { heard, report, until } = hearing();
  const troubles: (string | undefined)[] = [];
  site.onTrouble?.((trouble) => void troubles.push(trouble?.key));
  const spec = webSpec(name, `${door.address}/${repository}@${image.digest}`);
  const deploying = site.workloads.deploy(spec, { report });
  deploying.catch(() => undefined);
  await vi.waitFor(() => expect(door.waiting()).toBeGreaterThan(0), { timeout: 60_000 });
  await stopPart('edge2', 'apiserver');
  await until('clusterAway');
  expect(heard.find(({ event }) => event === 'clusterAway')).toMatchObject({
    params: { at: accessTo('edge2').login.server },
    detail: expect.stringContaining('ECONNREFUSED') as string,
  });
  // Nothing is begun at a cluster that does not answer: that is told at once.
  await expect(site.workloads.deploy(webSpec('other', 'x'), {})).rejects.toMatchObject({
    code: 'unavailable',
    key: 'workloads.errors.refused',
  });
  await vi.waitFor(() => expect(troubles).toEqual(['workloads.errors.refused']), { timeout: 30_000 });
  await startCluster('edge2');
  door.release();
  expect((await deploying).ready).toBe(true);
  await until('clusterBack');
  await vi.waitFor(() => expect(troubles).toEqual(['workloads.errors.refused', undefined]), {
    timeout: 60_000,
  });

  // The same in the middle of taking it away.
  await stopPart('edge2', 'apiserver');
  const leaving = hearing();
  const removal = site.workloads.remove(name, { report: leaving.report });
  removal.catch(() => undefined);
  await leaving.until('clusterAway');
  await startCluster('edge2');
  await removal;
  expect(await namespacesOf('edge2')).not.toContain(name);
});

it('fails in words when the API server stays away, and what was begun can be taken away later', async () => {
  const site = await siteOf('edge2', 4_000);
  const image = await freshImage('away');
  const door = await holdBlobs(registry, host);
  onTestFinished(door.stop);
  const name = `away-${Date.now()}`;
  onTestFinished(() => mended(name));
  await letNodesPull(door.address);
  const spec = webSpec(name, `${door.address}/${repository}@${image.digest}`);
  const deploying = site.workloads.deploy(spec, {});
  deploying.catch(() => undefined);
  await vi.waitFor(() => expect(door.waiting()).toBeGreaterThan(0), { timeout: 60_000 });
  await stopPart('edge2', 'apiserver');
  await expect(deploying).rejects.toMatchObject({ code: 'unavailable', key: 'workloads.errors.refused' });
  await startCluster('edge2');
  expect(await namespacesOf('edge2')).toContain(name);
  await site.workloads.remove(name, {});
  expect(await namespacesOf('edge2')).not.toContain(name);
});

it('says which node died, ends a pull that no node can end, and begins it anew when one is back', async () => {
  const site = await siteOf('edge2');
  const image = await freshImage('dead');
  const door = await holdBlobs(registry, host);
  onTestFinished(door.stop);
  onTestFinished(() => mended());
  await letNodesPull(door.address);
  const reference = `${door.address}/${repository}@${image.digest}`;
  const pull = { address: door.address, plainHttp: true };
  const before = await namespacesOf('edge2');
  const pulling = site.imageCache.pull([reference], pull, {});
  pulling.catch(() => undefined);
  await vi.waitFor(() => expect(door.waiting()).toBeGreaterThan(0), { timeout: 60_000 });
  await stopPart('edge2', 'edge2-n1');
  await expect(pulling).rejects.toMatchObject({ code: 'unavailable', key: 'workloads.errors.noNodes' });
  expect(await site.capacity({})).toMatchObject({
    nodes: [
      { name: 'edge2-n1', ready: false, reason: expect.stringContaining('NodeStatusUnknown') as string },
    ],
  });
  await startCluster('edge2');
  door.release();
  await site.imageCache.pull([reference], pull, {});
  expect(
    (await namespacesOf('edge2'))
      .split('\n')
      .filter((each) => each.includes('edgeyard-pull') && !before.includes(each)),
  ).toEqual([]);
});

it('says that a login has expired, or is none', async () => {
  const folder = dirname(kubeconfigFileOf('edge2'));
  const { login } = accessTo('edge2');
  const expired = expiredCertificate(folder);
  for (const access of [
    { login, secret: expired },
    { login: { ...login, method: 'token' as const }, secret: 'no-such-token' },
  ]) {
    const site = openKubernetesSite({ id: 'late', name: 'late', access, log });
    await expect(site.open()).rejects.toMatchObject({
      code: 'forbidden',
      key: 'workloads.errors.clusterLogin',
      detail: 'Unauthorized',
    });
    await site.close();
    expect(await lightsOf(access)).toContainEqual({
      light: 'login',
      state: 'failed',
      says: 'workloads.errors.clusterLogin',
    });
  }
});

it('says that the authority is another one, and shows the certificate', async () => {
  const { login, secret } = accessTo('edge1');
  const access = { login: { ...login, ca: testCa().certificate }, secret };
  const site = openKubernetesSite({ id: 'other', name: 'other', access, log });
  await expect(site.open()).rejects.toMatchObject({
    code: 'unavailable',
    key: 'workloads.errors.tlsUntrusted',
    params: { at: login.server },
  });
  await site.close();
  const lights = [];
  for await (const light of examineCluster(access)) lights.push(light);
  const tls = lights.find(({ light }) => light === 'tls');
  expect(tls).toMatchObject({ state: 'failed' });
  expect(JSON.stringify(tls)).toContain('BEGIN CERTIFICATE');
  expect(lights.find(({ light }) => light === 'login')?.state).toBe('skipped');
});

async function lightsOf(access: KubernetesAccess) {
  const lights = [];
  for await (const { light, state, says } of examineCluster(access)) lights.push({ light, state, says });
  return lights;
}

/** A certificate of a cluster's own authority whose life is over, with its key; it would give no rights, either. */
function expiredCertificate(folder: string): string {
  const scratch = testCa();
  const { keyFile } = scratch.issue(['late']);
  const made = dirname(keyFile);
  const file = (name: string) => join(made, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  openssl('req', '-new', '-key', keyFile, '-subj', '/CN=late', '-out', file('late.csr'));
  const authority = ['-CA', join(folder, 'pki/ca.crt'), '-CAkey', join(folder, 'pki/ca.key')];
  const life = ['-days', '-1', '-set_serial', '7'];
  openssl('x509', '-req', '-in', file('late.csr'), ...authority, ...life, '-out', file('late.crt'));
  return `${readFileSync(file('late.crt'), 'utf8')}\n${readFileSync(keyFile, 'utf8')}`;
}

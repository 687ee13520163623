/** Edges that die in the middle of a transfer: their cells fail with the cause, others go on, a retry does the rest. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pino from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { holdBlobs, type HeldBlobs } from '@/e2e/stacks/held-blobs';
import {
  kubeconfigFileOf,
  kubeconfigOf,
  letNodesPull,
  startCluster,
  stopPart,
  type ClusterName,
} from '@/e2e/stacks/kubernetes/clusters';
import { startRegistry, type TestRegistry } from '@/e2e/stacks/registry';
import { pushImage, testImage } from '@/e2e/stacks/test-image';
import { openRegistry } from '../../oci/open-registry';
import { readKubeconfig } from '../../sites/kubernetes/import-login';
import { openKubernetesSite } from '../../sites/kubernetes/kubernetes-site';
import type { WorkloadSite } from '../../sites/site';
import { memoryRegistry, operator, testDistributions, testEdge, testRelease } from './testing';

const run = promisify(execFile);
const log = pino({ level: 'silent' });
const host = '10.89.0.1';
const patience = { timeout: 120_000, interval: 250 };
const edgeIds = ['edge1', 'edge2'];
let operations: TestRegistry;
/** What edge2 pulls through. */
let door: HeldBlobs | undefined;
let at: ReturnType<typeof testDistributions>;
const releases: ReturnType<typeof testRelease>[] = [];
const endings: (() => Promise<void>)[] = [];

async function openCluster(name: ClusterName): Promise<WorkloadSite> {
  const [context] = readKubeconfig(kubeconfigOf(name));
  if (context?.secret === undefined) throw new Error(`the kubeconfig of ${name} has no certificate`);
  const access = { login: context.login, secret: context.secret };
  const site = openKubernetesSite({ id: name, name, access, log, absenceMs: 4_000 });
  await site.open();
  endings.push(() => site.close());
  return site;
}

beforeAll(async () => {
  operations = await startRegistry({ host });
  endings.push(operations.stop);
  await letNodesPull(operations.address);
  const home = openRegistry({ url: operations.url });
  endings.push(() => home.close());
  at = testDistributions({
    edges: edgeIds.map((id) => testEdge({ id })),
    releases,
    home: memoryRegistry(),
    sites: [await openCluster('edge1'), await openCluster('edge2')],
    ports: {
      registries: {
        of: () =>
          Promise.resolve({
            role: 'operations' as const,
            registry: home,
            repository: (...path: string[]) => ['operations', ...path].join('/'),
            address: operations.address,
          }),
        pullAccess: (_role, _repositories, holder) => {
          const job = at.jobs.get(holder.replace(/^.*:/, ''));
          const through = job?.subject.id === 'edge2' ? door : undefined;
          return Promise.resolve({ address: through?.address ?? operations.address, plainHttp: true });
        },
        revokePull: () => undefined,
        pullHolders: () => [],
      },
    },
  });
  endings.push(() => at.jobs.stop());
  at.jobs.run();
});
afterAll(async () => {
  for (const end of endings.toReversed()) await end();
});

/** Starts to bring a release that no node has a part of, and waits until edge2 is in the middle of fetching it. */
async function inMidTransfer() {
  const before = await pullsThere();
  const id = `r${Date.now()}`;
  const image = testImage({ version: id, seed: `faults ${id}` });
  await pushImage(image, { url: operations.url, repository: 'operations/apps/camera', tag: id });
  const size = image.layers.reduce((sum, { content }) => sum + content.length, 0);
  const images = [{ repository: 'apps/camera', digest: image.digest, size }];
  releases.push(testRelease({ id, version: id }, images));
  const held = await holdBlobs(operations, host);
  door = held;
  onTestFinished(held.stop);
  onTestFinished(() => startCluster('edge2'));
  await letNodesPull(held.address);
  const { id: distributionId } = await at.room.start(operator, { releaseIds: [id], edgeIds });
  await vi.waitFor(() => expect(held.waiting()).toBeGreaterThan(0), patience);
  return { distributionId, held, before };
}

const cellsOf = (distributionId: string) =>
  Object.fromEntries(at.room.get(distributionId).cells.map((cell) => [cell.edgeId, cell]));

/** Namespaces of pulls at edge2; other tests, or their failures, may have some there. */
async function pullsThere(): Promise<string[]> {
  const args = ['--kubeconfig', kubeconfigFileOf('edge2'), 'get', 'namespaces', '-o', 'name'];
  const { stdout } = await run('kubectl', args);
  return stdout.split('\n').filter((name) => name.includes('edgeyard-pull'));
}

async function retried(distributionId: string, before: string[]) {
  at.room.retry(operator, distributionId, {});
  await vi.waitFor(() => expect(at.room.get(distributionId).state).toBe('done'), patience);
  expect((await pullsThere()).filter((name) => !before.includes(name))).toEqual([]);
}

it('whose only node is killed fails with that, the other is done, and a retry brings it', async () => {
  const { distributionId, held, before } = await inMidTransfer();
  await stopPart('edge2', 'edge2-n1');
  await vi.waitFor(() => expect(at.room.get(distributionId).state).not.toBe('running'), patience);
  expect(cellsOf(distributionId).edge2?.state).toBe('failed');
  expect(cellsOf(distributionId)).toMatchObject({
    edge1: { state: 'done', problem: null },
    edge2: { problem: { code: 'unavailable', key: 'workloads.errors.noNodes' } },
  });
  expect(at.room.placements({ edgeId: 'edge2' })).toEqual([]);
  await startCluster('edge2');
  held.release();
  await retried(distributionId, before);
  expect(at.room.placements({ edgeId: 'edge2' })).toHaveLength(1);
});

it('whose API server stays away fails with that and says what it could not take away, which a retry does', async () => {
  const { distributionId, held, before } = await inMidTransfer();
  await stopPart('edge2', 'apiserver');
  await vi.waitFor(() => expect(at.room.get(distributionId).state).not.toBe('running'), patience);
  expect(cellsOf(distributionId).edge2?.state).toBe('failed');
  const { edge1, edge2 } = cellsOf(distributionId);
  expect(edge1).toMatchObject({ state: 'done', problem: null });
  expect(edge2?.problem).toMatchObject({ code: 'unavailable', key: 'workloads.errors.refused' });
  const said = at.jobs.log(edge2?.jobId ?? '').map(({ line }) => line);
  const keys = said.map((each) => (typeof each === 'string' ? each : each.key));
  expect(keys).toContain('workloads.events.clusterAway');
  expect(keys).toContain('workloads.events.pullLeft');
  await startCluster('edge2');
  held.release();
  await retried(distributionId, before);
});

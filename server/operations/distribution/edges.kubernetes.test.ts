import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pino from 'pino';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startDocker, type DockerHost } from '@/e2e/stacks/docker/docker';
import {
  kubeconfigFileOf,
  kubeconfigOf,
  letNodesPull,
  type ClusterName,
} from '@/e2e/stacks/kubernetes/clusters';
import { startRegistry, type TestRegistry } from '@/e2e/stacks/registry';
import { pushImage, testImage } from '@/e2e/stacks/test-image';
import { copyArtifact } from '../../oci/copy-artifact';
import { openRegistry } from '../../oci/open-registry';
import { openDockerSite } from '../../sites/docker/docker-site';
import { dockerLogin } from '../../sites/docker/login';
import { readKubeconfig } from '../../sites/kubernetes/import-login';
import { openKubernetesSite } from '../../sites/kubernetes/kubernetes-site';
import type { WorkloadSite } from '../../sites/site';
import { memoryRegistry, operator, testDistributions, testEdge, testRelease } from './testing';

const run = promisify(execFile);
const log = pino({ level: 'silent' });
const seed = `distribution ${Date.now()}`;
const repository = 'operations/apps/camera';

let operations: TestRegistry;
let own: TestRegistry;
let docker: DockerHost;
let sites: WorkloadSite[];
let at: ReturnType<typeof testDistributions>;
const endings: (() => Promise<void>)[] = [];

function cluster(name: ClusterName): WorkloadSite {
  const [context] = readKubeconfig(kubeconfigOf(name));
  if (context?.secret === undefined) throw new Error(`the kubeconfig of ${name} has no certificate`);
  return openKubernetesSite({
    id: name,
    name,
    access: { login: context.login, secret: context.secret },
    log,
  });
}

/** A version: its last layer is all that differs. */
async function release(id: string) {
  // Nodes keep what earlier runs brought there.
  const image = testImage({ version: `${id} of ${seed}`, seed });
  await pushImage(image, { url: operations.url, repository, tag: id });
  const size = image.layers.reduce((sum, { content }) => sum + content.length, 0);
  return testRelease({ id, version: id, publishedAt: id === 'r1' ? 1 : 2 }, [
    { repository: 'apps/camera', digest: image.digest, size },
  ]);
}

beforeAll(async () => {
  // The address that nodes and Docker hosts reach this machine at.
  operations = await startRegistry({ host: '10.89.0.1' });
  own = await startRegistry({ host: '10.89.0.1' });
  endings.push(operations.stop, own.stop);
  await letNodesPull(operations.address);
  await letNodesPull(own.address);
  docker = await startDocker();
  endings.push(docker.stop);
  const access = {
    login: dockerLogin.parse({ endpoint: `unix://${docker.socket}`, publicHost: docker.address }),
    secret: '',
  };
  sites = [cluster('edge1'), cluster('edge2'), openDockerSite({ id: 'docker', name: 'docker', access, log })];
  for (const site of sites) {
    await site.open();
    endings.push(() => site.close());
  }
  const home = openRegistry({ url: operations.url });
  const edgeRegistry = openRegistry({ url: own.url });
  endings.push(
    () => home.close(),
    () => edgeRegistry.close(),
  );
  at = testDistributions({
    edges: [
      testEdge({
        id: 'edge1',
        registry: { url: own.url, prefix: '', hasPassword: false, hasPullPassword: false },
      }),
      testEdge({ id: 'edge2' }),
      testEdge({ id: 'docker', kind: 'docker' }),
    ],
    releases: [await release('r1'), await release('r2')],
    home: memoryRegistry(),
    sites,
    registries: new Map([
      [
        'edge1',
        {
          registry: edgeRegistry,
          repository: (...path: string[]) => path.join('/'),
          pull: { address: own.address, plainHttp: true },
        },
      ],
    ]),
    ports: {
      copyArtifact,
      registries: {
        of: () =>
          Promise.resolve({
            role: 'operations' as const,
            registry: home,
            repository: (...path: string[]) => ['operations', ...path].join('/'),
            address: operations.address,
          }),
        pullAccess: () => Promise.resolve({ address: operations.address, plainHttp: true }),
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

const edgeIds = ['edge1', 'edge2', 'docker'];
const plan = (...releaseIds: string[]) => at.room.plan(operator, { releaseIds, edgeIds, fresh: true });
async function distribute(...releaseIds: string[]) {
  const { id } = await at.room.start(operator, { releaseIds, edgeIds });
  await vi.waitFor(() => expect(at.room.get(id).state).not.toBe('running'), 120_000);
  return at.room.get(id).cells;
}
const stands = (cells: { edgeId: string; stand: string }[]) =>
  Object.fromEntries(cells.map(({ edgeId, stand }) => [edgeId, stand]));
/** Blobs that somebody fetched; a kubelet and an engine ask for no more than they lack. */
const blobsFetched = (registry: TestRegistry) =>
  registry
    .requests()
    .filter(({ method, path, status }) => method === 'GET' && path.includes('/blobs/') && status === 200);

it('brings a release to clusters and a Docker host, each proves it, and nothing is left behind', async () => {
  expect(stands((await plan('r1')).cells)).toEqual({ edge1: 'missing', edge2: 'missing', docker: 'missing' });
  const cells = await distribute('r1');
  expect(cells.map(({ edgeId, state, problem }) => [edgeId, state, problem])).toEqual([
    ['edge1', 'done', null],
    ['edge2', 'done', null],
    ['docker', 'done', null],
  ]);
  expect(
    at.room
      .placements({})
      .map(({ edgeId }) => edgeId)
      .toSorted(),
  ).toEqual(edgeIds.toSorted());
  for (const name of ['edge1', 'edge2'] as const) {
    const args = ['--kubeconfig', kubeconfigFileOf(name), 'get', 'namespaces', '-o', 'name'];
    expect((await run('kubectl', args)).stdout).not.toContain('edgeyard-pull');
  }
});

it('is there, says the plan, and is not sent again', async () => {
  expect(stands((await plan('r1')).cells)).toEqual({ edge1: 'present', edge2: 'present', docker: 'present' });
  for (const registry of [operations, own]) registry.forget();
  const cells = await distribute('r1');
  expect(cells.map(({ state }) => state)).toEqual(['skipped', 'skipped', 'skipped']);
  expect(own.requests().map(({ method }) => method)).toEqual(['HEAD']);
  expect(operations.requests()).toEqual([]);
});

it('moves of a new version its one changed layer', async () => {
  const before = await plan('r2');
  expect(stands(before.cells)).toEqual({ edge1: 'older', edge2: 'older', docker: 'older' });
  for (const { bytes, bytesThere } of before.cells) expect(bytes * 20).toBeLessThan(bytesThere);
  for (const registry of [operations, own]) registry.forget();
  const cells = await distribute('r2');
  expect(cells.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  const sent = own
    .requests()
    .filter(({ method, path, status }) => method === 'PUT' && path.includes('/blobs/') && status === 201);
  // The config and the layer.
  expect(sent).toHaveLength(2);
  // Two nodes of edge1 fetch from their own registry, edge2 and the Docker host from that of operations: each the
  // same two; what is copied into edge1's registry is read once more.
  expect(blobsFetched(own)).toHaveLength(4);
  expect(blobsFetched(operations)).toHaveLength(6);
});

it('fails at a host that is gone, with its reason, and nowhere else', async () => {
  await docker.kill();
  const [first] = (await plan('r1')).edges.filter(({ id }) => id === 'docker');
  expect(first?.problem?.code).toBe('unavailable');
  const cells = await distribute('r1');
  expect(cells.map(({ edgeId, state }) => [edgeId, state])).toEqual([
    ['edge1', 'skipped'],
    ['edge2', 'skipped'],
    ['docker', 'failed'],
  ]);
  await docker.restart();
  const [list] = at.room.list();
  at.room.retry(operator, list?.id ?? '', {});
  await vi.waitFor(() => expect(at.room.get(list?.id ?? '').state).toBe('done'), 60_000);
});

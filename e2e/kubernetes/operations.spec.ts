/**
 * From the store to two clusters (three nodes) and a Docker host: synced, planned, distributed, deployed, replaced by a
 * version of which one layer is new, brought back, and taken away without a trace.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { testCa } from '../stacks/certificates';
import { startDocker } from '../stacks/docker/docker';
import {
  addCluster,
  addDockerEdge,
  edgeHost,
  expect,
  openRegistryToNodes,
  test,
} from '../stacks/edge-server';
import { kubeconfigFileOf, letNodesPull } from '../stacks/kubernetes/clusters';
import {
  deployAt,
  distribute,
  planFor,
  syncRelease,
  untilDeployment,
  type Deployment,
} from '../stacks/operations';
import type { Person } from '../stacks/people';
import { startRegistry } from '../stacks/registry';
import type { RestJob } from '../stacks/rest';
import { testImage } from '../stacks/test-image';
import { makeProject } from '../stacks/vms';
import { expectAnswer, publishVersion, saveManifests, sendArchive, webManifests } from '../stacks/web-app';

const run = promisify(execFile);
const sharedBytes = 8 * 2 ** 20;
const password = 'open sesame';
// What an earlier run may have left is not this run's.
const shop = `shop-${String(process.pid)}`;

test('containers from the store to three edges, replaced, brought back and taken away @S20 @S21', async ({
  ada,
  bo,
}) => {
  const home = await openRegistryToNodes(ada);
  const ca = testCa();
  const docker = await startDocker();
  const own = await startRegistry({ host: edgeHost, tls: ca, htpasswd: { edge: password } });
  try {
    await letNodesPull(own.address, ca.certificate);
    const edges = [
      await addCluster(ada, 'edge1', 'edge'),
      await addCluster(ada, 'edge2', 'edge'),
      await addDockerEdge(ada, 'docker', docker),
    ];
    const [, withRegistry = ''] = edges;
    await ada.rest.expect(200, 'PATCH', `/api/v1/edges/${withRegistry}`, {
      registry: { url: own.url, ca: ca.certificate, user: 'edge', password },
    });

    const projectId = await makeProject(bo, undefined, 'container');
    const publish = async (tag: string, version: string) => {
      const image = testImage({ seed: home, version, sharedBytes });
      await sendArchive(bo, projectId, image.dockerArchive(`acme/web:${tag}`));
      await saveManifests(bo, projectId, webManifests(tag));
      return await publishVersion(bo, projectId, `${tag}.0`);
    };

    const first = await syncRelease(ada, await publish('1', 'one'));
    expect(first.result.bytesMoved).toBeGreaterThan(0);
    const again = await syncRelease(ada, first.storeReleaseId);
    expect(again.result).toMatchObject({ unchanged: true, bytesMoved: 0 });

    const before = await planFor(ada, [first.id], edges);
    expect(before.cells.map(({ stand }) => stand)).toEqual(['missing', 'missing', 'missing']);
    for (const { bytes } of before.cells) expect(bytes).toBeGreaterThan(sharedBytes);
    const moved = await distribute(ada, [first.id], edges);
    expect(moved.cells.map(({ state }) => state)).toEqual(['done', 'done', 'done']);

    own.forget();
    const twice = await distribute(ada, [first.id], edges);
    expect(twice.cells.map(({ state, bytesMoved }) => [state, bytesMoved])).toEqual([
      ['skipped', 0],
      ['skipped', 0],
      ['skipped', 0],
    ]);
    // The edge's health is looked at meanwhile, which asks the registry's base alone.
    const asked = own.requests().filter(({ path }) => /\/(manifests|blobs)\//.test(path));
    expect(asked.filter(({ method }) => method !== 'HEAD')).toEqual([]);
    expect(asked.length).toBeLessThanOrEqual(1);

    const deployed = await deployAt(ada, first.id, edges, shop);
    for (const { id } of deployed) await expectVersion(ada, id, 'one');

    const second = await syncRelease(ada, await publish('2', 'two'));
    expect(second.result.bytesMoved).toBeLessThan(sharedBytes / 2);
    const older = await planFor(ada, [second.id], edges);
    expect(older.cells.map(({ stand }) => stand)).toEqual(['older', 'older', 'older']);
    for (const { bytes } of older.cells) expect(bytes).toBeLessThan(sharedBytes / 2);
    own.forget();
    await distribute(ada, [second.id], edges);
    const sent = own.requests().filter(({ method, path }) => method === 'PUT' && path.includes('/blobs/'));
    // The layer that says the version, and the config: the big layer is there already.
    expect(sent.length).toBeLessThanOrEqual(2);

    const upgrade = async ({ id }: Deployment) => {
      const job = await ada.rest.expect<RestJob>(202, 'POST', `/api/v1/deployments/${id}/upgrade`, {
        releaseId: second.id,
      });
      await ada.rest.done(job.id);
      await expectVersion(ada, id, 'two');
    };
    await Promise.all(deployed.map(upgrade));
    const [upgraded] = deployed;
    const back = await ada.rest.expect<RestJob>(
      202,
      'POST',
      `/api/v1/deployments/${upgraded?.id}/roll-back`,
      {},
    );
    await ada.rest.done(back.id);
    await expectVersion(ada, upgraded?.id ?? '', 'one');

    const remove = async ({ id }: Deployment) => {
      const job = await ada.rest.expect<RestJob>(202, 'DELETE', `/api/v1/deployments/${id}`);
      await ada.rest.done(job.id);
    };
    await Promise.all(deployed.map(remove));
    for (const cluster of ['edge1', 'edge2'] as const) {
      const kubectl = [
        '--kubeconfig',
        kubeconfigFileOf(cluster),
        'get',
        'namespaces,daemonsets',
        '-A',
        '-o',
        'name',
      ];
      expect((await run('kubectl', kubectl)).stdout).not.toContain(shop);
    }
    const engine = ['--host', `unix://${docker.socket}`];
    expect((await run('docker', [...engine, 'ps', '--all', '--quiet'])).stdout).toBe('');
  } finally {
    await docker.stop();
    await own.stop();
  }
});

/** Waits until all of a deployment is ready, and its web server is of this version. */
async function expectVersion(person: Person, id: string, version: string): Promise<void> {
  const { endpoints } = await untilDeployment(person, id, ({ state }) => state === 'ready');
  await expectAnswer(() => endpoints[0]?.url ?? '', `version ${version}`);
}

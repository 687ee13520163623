/** The server is killed in the middle of bringing a release to edges, and a package is changed behind its back. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addCluster, edgeHost, openRegistryToNodes } from '../stacks/edge-server';
import { removeDataDir, startServer, type RunningServer } from '../stacks/edgeyard';
import { holdBlobs } from '../stacks/held-blobs';
import { letNodesPull } from '../stacks/kubernetes/clusters';
import {
  deployAt,
  distribute,
  syncNow,
  syncRelease,
  untilDeployment,
  type Distribution,
} from '../stacks/operations';
import { becomeAdministrator, type Person } from '../stacks/people';
import { startRegistry } from '../stacks/registry';
import { restClient, type RestJob } from '../stacks/rest';
import { expect, test } from '../stacks/test';
import { testImage } from '../stacks/test-image';
import { makeProject } from '../stacks/vms';
import { publishVersion, sendArchive, webManifests } from '../stacks/web-app';

let server: RunningServer;
let ada: Person;
let edges: string[];
let releaseId: string;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'edgeyard-'));
  const settings = { registries: { bundled: { host: edgeHost } } };
  writeFileSync(join(dataDir, 'edgeyard.yaml'), JSON.stringify(settings));
  server = await startServer({ dataDir, environment: { EDGEYARD_HOST: edgeHost } });
  ada = await becomeAdministrator(server);
  const home = await openRegistryToNodes(ada);
  edges = [await addCluster(ada, 'edge1', 'edge'), await addCluster(ada, 'edge2', 'edge')];
  const projectId = await makeProject(ada, undefined, 'container');
  const image = testImage({ seed: `${home} ${Date.now()}`, version: 'one' });
  await sendArchive(ada, projectId, image.dockerArchive('acme/web:1'));
  await ada.rest.expect(200, 'PUT', `/api/v1/projects/${projectId}/deployment-text`, {
    content: { kind: 'manifests', text: webManifests('1') },
    basedOn: null,
  });
  releaseId = (await syncRelease(ada, await publishVersion(ada, projectId, '1.0'))).id;
});
test.afterAll(async () => {
  await server.stop();
  removeDataDir(server.dataDir);
});

/** kill -9 and a new process on the same data and port. */
async function crash(): Promise<void> {
  const { dataDir, url } = server;
  await server.kill();
  const environment = { EDGEYARD_HOST: edgeHost };
  server = await startServer({ dataDir, port: Number(new URL(url).port), environment });
  ada = { ...ada, rest: restClient(server, ada.token) };
}

test('killed in the middle of a distribution: it goes on, and nothing is sent twice @S21', async () => {
  const own = await startRegistry({ host: edgeHost });
  const door = await holdBlobs(own, edgeHost);
  try {
    await letNodesPull(door.address);
    const [, edge2 = ''] = edges;
    await ada.rest.expect(200, 'PATCH', `/api/v1/edges/${edge2}`, { registry: { url: door.url } });
    const begun = await ada.rest.expect<Distribution>(202, 'POST', '/api/v1/distributions', {
      releaseIds: [releaseId],
      edgeIds: edges,
    });
    // The edge's registry has it, and its node is in the middle of fetching it.
    await expect.poll(() => door.waiting(), { timeout: 120_000 }).toBeGreaterThan(0);
    const sent = () => own.requests().filter(({ method, status }) => method === 'PUT' && status === 201);
    const before = sent().length;
    expect(before).toBeGreaterThan(0);
    await crash();
    door.release();
    const ended = await ada.rest.until(
      async () => (await ada.rest.call<Distribution>('GET', `/api/v1/distributions/${begun.id}`)).body,
      ({ state }) => state !== 'running',
    );
    expect(ended.cells.map(({ problem }) => problem)).toEqual([null, null]);
    expect(ended.state).toBe('done');
    expect(sent()).toHaveLength(before);
    const again = await distribute(ada, [releaseId], edges);
    expect(again.cells.map(({ state }) => state)).toEqual(['skipped', 'skipped']);
  } finally {
    await door.stop();
    await own.stop();
  }
  // Its own registry is gone for good.
  await ada.rest.expect(200, 'PATCH', `/api/v1/edges/${edges[1]}`, { registry: null });
});

test('a package that somebody changed is not deployed, which says so; synced again it is @S20', async () => {
  const folder = join(server.dataDir, 'operations/packages');
  const [name = ''] = readdirSync(folder);
  const path = join(folder, name);
  const whole = readFileSync(path);
  const changed = Buffer.from(whole);
  const middle = changed.length >> 1;
  changed[middle] = (changed[middle] ?? 0) ^ 1;
  writeFileSync(path, changed);
  const [edge1 = ''] = edges;
  const wish = { releaseId, edgeIds: [edge1], name: 'forged', parameters: {} };
  const answer = await ada.rest.call<{ key: string }>('POST', '/api/v1/deployments/release', wish);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(JSON.stringify(answer.body)).toContain('sync.errors.changedHere');
  const shown = await ada.rest.expect<{ state: string; problem: { key: string } }>(
    200,
    'GET',
    `/api/v1/releases/${releaseId}`,
  );
  expect(shown).toMatchObject({ state: 'failed', problem: { key: 'sync.errors.changedHere' } });
  const there = await ada.rest.expect<unknown>(200, 'GET', '/api/v1/deployments');
  expect(JSON.stringify(there)).not.toContain('forged');

  await syncNow(ada, releaseId);
  expect(readFileSync(path).equals(whole)).toBe(true);
  const [deployed] = await deployAt(ada, releaseId, [edge1], 'genuine');
  await untilDeployment(ada, deployed?.id ?? '', ({ state }) => state === 'ready');
  const removal = await ada.rest.expect<RestJob>(202, 'DELETE', `/api/v1/deployments/${deployed?.id}`);
  await ada.rest.done(removal.id);
});

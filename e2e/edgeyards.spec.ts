/**
 * Three Edgeyards: a store, an operations centre and an edge, each a process that plays its rooms only, each with tokens
 * of least right, with TLS between them, and a wire that is cut.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testCa, type TestCa } from './stacks/certificates';
import { removeDataDir, startServer, virtualMachinesOf, type RunningServer } from './stacks/edgeyard';
import { deployAt, distribute, planFor, syncNow, untilDeployment } from './stacks/operations';
import { becomeAdministrator, invite, type Person } from './stacks/people';
import { startRegistry, type TestRegistry } from './stacks/registry';
import { restClient, type RestJob } from './stacks/rest';
import { expect, test } from './stacks/test';
import { openTlsDoor, type TlsDoor } from './stacks/tls-door';
import { bootVm, makeProject, removeProject, tinyImage, tinyRequest, type VmRequest } from './stacks/vms';

const password = 'open sesame';
const mib = 2 ** 20;

let folder: string;
let ca: TestCa;
let storeRegistry: TestRegistry;
let operationsRegistry: TestRegistry;
let doors: Record<'store' | 'registry' | 'edge', TlsDoor>;
const servers: RunningServer[] = [];

/** Starts a server with some rooms, and with settings: a registry of its own for one of them, say. */
async function serverOf(
  roles: string,
  settings: object,
  again?: Pick<RunningServer, 'dataDir'>,
): Promise<RunningServer> {
  const config = join(mkdtempSync(join(folder, 'yard-')), 'edgeyard.yaml');
  writeFileSync(config, JSON.stringify(settings));
  const server = await startServer({
    environment: { EDGEYARD_ROLES: roles, EDGEYARD_CONFIG: config },
    ...(again && { dataDir: again.dataDir }),
  });
  servers.push(server);
  return server;
}

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'edgeyards-'));
  ca = testCa();
  // The store has its registry on loopback, and shows it to others through a door with TLS that can be cut.
  storeRegistry = await startRegistry({ htpasswd: { yard: password, puller: password } });
  operationsRegistry = await startRegistry({ tls: ca, htpasswd: { yard: password, puller: password } });
  doors = { store: await openTlsDoor(ca), registry: await openTlsDoor(ca), edge: await openTlsDoor(ca) };
  doors.registry.aim(storeRegistry.port);
});
test.afterAll(async () => {
  for (const server of servers) await server.stop();
  for (const dataDir of new Set(servers.map((server) => server.dataDir))) removeDataDir(dataDir);
  for (const door of Object.values(doors)) await door.close();
  await storeRegistry.stop();
  await operationsRegistry.stop();
  rmSync(folder, { recursive: true, force: true });
});

const portOf = ({ url }: RunningServer) => Number(new URL(url).port);

/** A token of a person's own, with these scopes only. */
async function tokenOf(server: RunningServer, person: Person, scopes: string[]): Promise<string> {
  const response = await fetch(new URL('/api/v1/tokens', server.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url, cookie: person.cookie },
    body: JSON.stringify({ name: 'for another Edgeyard', scopes, days: 1 }),
  });
  return ((await response.json()) as { token: string }).token;
}

/** Publishes an app of one VM that answers at port 8080. */
async function publishApp(person: Person): Promise<void> {
  const projectId = await makeProject(person, 'Greeter');
  const request: VmRequest & { userData: string } = {
    ...(await tinyRequest(person, 'greeter')),
    network: { id: 'nat', forwards: [{ protocol: 'tcp', hostPort: 0, guestPort: 8080 }] },
    userData:
      '#!/bin/sh\nmkdir -p /www\necho hello from the edge >/www/index.html\nbusybox httpd -p 8080 -h /www\n',
  };
  const vm = await bootVm(person, projectId, request);
  const build = await person.rest.expect<RestJob>(202, 'POST', `/api/v1/projects/${projectId}/packages`, {
    version: '1.0',
    imageOfVm: { [vm.name]: await tinyImage(person) },
    images: 'reference',
  });
  const { packageId } = (await person.rest.done(build.id)).result as { packageId: string };
  const publish = await person.rest.expect<RestJob>(202, 'POST', `/api/v1/packages/${packageId}/publish`, {});
  await person.rest.done(publish.id);
  await removeProject(person, projectId);
}

interface CatalogueRelease {
  id: string;
  name: string;
  state: string;
}

const keyOf = (job: RestJob) => job.error?.key ?? '';

test('a store, an operations centre and an edge are three processes, over TLS, and a cut wire harms nothing @S23', async () => {
  const registry = { url: storeRegistry.url, user: 'yard', password };
  const workbench = await serverOf('workbench,store', { registries: { store: registry } });
  const ada = await becomeAdministrator(workbench);
  await publishApp(ada);
  await workbench.stop();
  const store = await serverOf('store', { registries: { store: registry } }, workbench);
  doors.store.aim(portOf(store));
  // The store listens at another port than the workbench did, and its people are the same.
  const owner = { ...ada, rest: restClient(store, ada.token) };
  const reader = await invite(store, owner, { name: 'Ro', email: 'ro@example.org', role: 'developer' });
  const storeToken = await tokenOf(store, reader, ['read']);

  const atOperations = {
    url: operationsRegistry.url,
    ca: ca.certificate,
    user: 'yard',
    password,
    pullUser: 'puller',
    pullPassword: password,
  };
  const operations = await serverOf('operations', { registries: { operations: atOperations } });
  const op = await becomeAdministrator(operations);
  // The registry is in a private network, and who has the edge fetch from it is no administrator there.
  const edge = await serverOf('operations', { images: { allowPrivateUrls: true } });
  doors.edge.aim(portOf(edge));
  const edgeAdmin = await becomeAdministrator(edge);
  const edgeOperator = await invite(edge, edgeAdmin, {
    name: 'Ed',
    email: 'ed@example.org',
    role: 'operator',
  });
  const edgeToken = await tokenOf(edge, edgeOperator, ['read', 'write']);

  await test.step('each plays its own rooms only', async () => {
    const elsewhere = { status: 404, body: { key: 'problems.roomElsewhere' } };
    expect(await reader.rest.call('GET', '/api/v1/edges')).toMatchObject(elsewhere);
    expect(await reader.rest.call('GET', '/api/v1/projects')).toMatchObject(elsewhere);
    expect(await op.rest.call('GET', '/api/v1/store/releases')).toMatchObject(elsewhere);
    expect(await op.rest.call('GET', '/mec/appstore/v1/apps')).toMatchObject(elsewhere);
    expect((await fetch(new URL('/store', store.url))).status).toBe(200);
    expect((await fetch(new URL('/store', operations.url))).status).toBe(404);
    const rooms = await (await fetch(operations.url, { headers: { cookie: op.cookie } })).text();
    expect(rooms).toContain('href="/operations"');
    expect(rooms).not.toContain('href="/projects"');
  });

  const { id: storeId } = await op.rest.expect<{ id: string }>(201, 'POST', '/api/v1/stores', {
    kind: 'edgeyard',
    name: 'The store',
    url: doors.store.url,
    ca: ca.certificate,
    token: storeToken,
    registry: { url: doors.registry.url, ca: ca.certificate, user: 'puller' },
    registryPassword: password,
  });

  const refreshed = async () => {
    const job = await op.rest.expect<RestJob>(202, 'POST', `/api/v1/stores/${storeId}/refresh`);
    return untilOver(op, job.id);
  };
  const release =
    await test.step('a store that is cut off says so, and is read when it is back', async () => {
      doors.store.cut();
      expect(await refreshed()).toMatchObject({ state: 'failed' });
      doors.store.mend();
      expect(await refreshed()).toMatchObject({ state: 'done' });
      const { releases } = await op.rest.expect<{ releases: CatalogueRelease[] }>(
        200,
        'GET',
        '/api/v1/releases',
      );
      const greeter = releases.find(({ name }) => name === 'Greeter');
      expect(greeter).toMatchObject({ state: 'notInSync' });
      return greeter?.id ?? '';
    });

  await test.step('a sync that is cut leaves nothing that looks whole, and goes on later', async () => {
    doors.registry.cutAfter(4 * mib);
    const { jobs } = await op.rest.expect<{ jobs: RestJob[] }>(202, 'POST', '/api/v1/sync', {
      releaseIds: [release],
    });
    const cut = await untilOver(op, jobs[0]?.id ?? '');
    expect(cut.state, keyOf(cut)).toBe('failed');
    expect(await op.rest.expect(200, 'GET', `/api/v1/releases/${release}`)).not.toMatchObject({
      state: 'inSync',
    });
    doors.registry.mend();
    const synced = await syncNow(op, release);
    expect(synced.bytesMoved).toBeGreaterThan(0);
    expect(await op.rest.expect(200, 'GET', `/api/v1/releases/${release}`)).toMatchObject({
      state: 'inSync',
    });
    expect(await syncNow(op, release)).toMatchObject({ unchanged: true, bytesMoved: 0 });
  });

  const login = { kind: 'edgeyard', config: { url: doors.edge.url, ca: ca.certificate } };
  const edgeId = await test.step('the edge is tried and added with an operator’s token', async () => {
    const test_ = { ...login, secret: edgeToken };
    const { lights } = await op.rest.expect<{ lights: { light: string; state: string }[] }>(
      200,
      'POST',
      '/api/v1/sites/test',
      test_,
    );
    expect(lights.map(({ light, state }) => [light, state])).toEqual(
      ['dns', 'tcp', 'tls', 'login', 'version', 'rights'].map((light) => [light, 'ok']),
    );
    const made = await op.rest.expect<{ id: string }>(201, 'POST', '/api/v1/sites', {
      ...test_,
      name: 'North',
      purpose: 'edge',
    });
    await op.rest.until(
      async () => (await op.rest.call<{ state: string }>('GET', `/api/v1/sites/${made.id}`)).body,
      ({ state }) => state === 'ready',
    );
    return made.id;
  });

  await test.step('the release goes there, runs there, and answers', async () => {
    expect((await planFor(op, [release], [edgeId])).cells.map(({ stand }) => stand)).toEqual(['missing']);
    const moved = await distribute(op, [release], [edgeId]);
    expect(moved.cells.map(({ state }) => state)).toEqual(['done']);
    const again = await distribute(op, [release], [edgeId]);
    expect(again.cells.map(({ state, bytesMoved }) => [state, bytesMoved])).toEqual([['skipped', 0]]);

    const [deployment] = await deployAt(op, release, [edgeId], 'greeter', { APP_Plane01_Network: 'NAT' });
    const { outputs } = await untilDeployment(op, deployment?.id ?? '', ({ state }) => state === 'ready');
    expect(virtualMachinesOf(edge.dataDir)).toHaveLength(1);
    expect(virtualMachinesOf(operations.dataDir)).toEqual([]);
    const address = outputs.find(({ name }) => name.endsWith('tcp/8080'))?.value ?? '';
    const answer = () =>
      fetch(`http://${address}/`).then(
        (response) => response.text(),
        () => '',
      );
    await op.rest.until(answer, (text) => text.includes('hello from the edge'), 150);

    // What runs there runs on while nobody reaches it.
    doors.edge.cut();
    expect(await answer()).toContain('hello from the edge');
    doors.edge.mend();
    const gone = await op.rest.expect<RestJob>(202, 'DELETE', `/api/v1/deployments/${deployment?.id}`);
    await op.rest.done(gone.id);
    expect(virtualMachinesOf(edge.dataDir)).toEqual([]);
    const taken = await op.rest.expect<RestJob>(202, 'DELETE', `/api/v1/placements/${edgeId}/${release}`);
    await op.rest.done(taken.id);
    const { images } = await edgeAdmin.rest.expect<{ images: { source: { kind: string } }[] }>(
      200,
      'GET',
      '/api/v1/images',
    );
    expect(images.filter(({ source }) => source.kind === 'registry')).toEqual([]);
  });
});

/** Waits until a job is over, however it ended. */
async function untilOver({ rest }: Person, jobId: string): Promise<RestJob> {
  return rest.until(
    async () => (await rest.call<RestJob>('GET', `/api/v1/jobs/${jobId}`)).body,
    ({ state }) => ['done', 'failed', 'cancelled'].includes(state),
  );
}

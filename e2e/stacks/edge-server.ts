import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { DockerHost } from './docker/docker';
import { removeDataDir, startServer, type RunningServer } from './edgeyard';
import { kubeconfigOf, letNodesPull, type ClusterName } from './kubernetes/clusters';
import { becomeAdministrator, invite, type Person } from './people';
import { test as base } from './test';

/** The address at which the nodes of the clusters reach this machine. */
export const edgeHost = '10.89.0.1';

/** Tests on a server whose page, token server and registry nodes of the clusters can reach. */
export const test = base.extend<object, { server: RunningServer; ada: Person; bo: Person }>({
  server: [
    // Playwright reads the fixtures a function needs from its first parameter, so it must be a pattern.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'edgeyard-'));
      writeFileSync(
        join(dataDir, 'edgeyard.yaml'),
        JSON.stringify({ registries: { bundled: { host: edgeHost } } }),
      );
      const server = await startServer({ dataDir, environment: { EDGEYARD_HOST: edgeHost } });
      await use(server);
      await server.stop();
      removeDataDir(dataDir);
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  ada: [async ({ server }, use) => use(await becomeAdministrator(server)), { scope: 'worker' }],
  bo: [
    async ({ server, ada }, use) =>
      use(await invite(server, ada, { name: 'Bo', email: 'bo@example.org', role: 'developer' })),
    { scope: 'worker' },
  ],
});

export { expect } from './test';

/** Adds a cluster as a site. @returns its id */
export async function addCluster(
  admin: Person,
  cluster: ClusterName,
  purpose: 'sandbox' | 'edge' = 'sandbox',
): Promise<string> {
  const file = parse(kubeconfigOf(cluster)) as {
    clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
    users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
  };
  const [{ cluster: there } = { cluster: undefined }] = file.clusters;
  const [{ user } = { user: undefined }] = file.users;
  if (!there || !user) throw new Error(`no cluster and user in the kubeconfig of ${cluster}`);
  const plain = (base64: string) => Buffer.from(base64, 'base64').toString('utf8');
  const { id } = await admin.rest.expect<{ id: string }>(201, 'POST', '/api/v1/sites', {
    kind: 'kubernetes',
    name: purpose === 'edge' ? `${cluster} as an edge` : cluster,
    purpose,
    config: {
      server: there.server,
      method: 'certificate',
      ca: plain(there['certificate-authority-data']),
    },
    secret: `${plain(user['client-certificate-data'])}\n${plain(user['client-key-data'])}`,
  });
  await untilReady(admin, id);
  return id;
}

/** Adds a Docker host by its socket, as an edge. @returns its id */
export async function addDockerEdge(
  admin: Person,
  name: string,
  { socket, address }: Pick<DockerHost, 'socket' | 'address'>,
): Promise<string> {
  const { id } = await admin.rest.expect<{ id: string }>(201, 'POST', '/api/v1/sites', {
    kind: 'docker',
    name,
    purpose: 'edge',
    config: { endpoint: `unix://${socket}`, publicHost: address },
  });
  await untilReady(admin, id);
  return id;
}

async function untilReady(admin: Person, siteId: string): Promise<void> {
  await admin.rest.until(
    async () => (await admin.rest.call<{ state: string }>('GET', `/api/v1/sites/${siteId}`)).body,
    ({ state }) => state === 'ready',
  );
}

/** Waits until the bundled registry answers, and lets the nodes pull from it. @returns its `host:port` */
export async function openRegistryToNodes(admin: Person): Promise<string> {
  interface Standing {
    registries: { role: string; state: string; address: string }[];
  }
  const { registries } = await admin.rest.until(
    async () => (await admin.rest.call<Standing>('GET', '/api/v1/registries')).body,
    (body) => body.registries.every(({ state }) => state === 'ready'),
  );
  const address = registries[0]?.address ?? '';
  await letNodesPull(address);
  return address;
}

/** The real OpenStack of the tests: its logins, and what its project holds. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Person } from './people';
import type { VmRequest } from './vms';

interface CloudAuth {
  auth_url: string;
  username: string;
  password: string;
  project_name: string;
  user_domain_name: string;
  project_domain_name: string;
}

/** The text of clouds.yaml. @throws Error that says how to bring the cloud up */
export function cloudsYaml(): string {
  const path = process.env.OS_CLIENT_CONFIG_FILE;
  if (path === undefined) throw new Error('OS_CLIENT_CONFIG_FILE is not set: see CONTRIBUTING.md, OpenStack');
  return readFileSync(path, 'utf8');
}

function authOf(cloud: string): CloudAuth {
  const { clouds } = parse(cloudsYaml()) as { clouds: Record<string, { auth: CloudAuth }> };
  const found = clouds[cloud];
  if (!found) throw new Error(`clouds.yaml has no cloud ${cloud}`);
  return found.auth;
}

/** Body of `POST /api/v1/sites` for a login of clouds.yaml. */
export function siteOf(cloud: string, name: string) {
  const auth = authOf(cloud);
  return {
    kind: 'openstack',
    name,
    purpose: 'sandbox',
    config: {
      authUrl: auth.auth_url,
      method: 'password',
      userName: auth.username,
      userDomain: auth.user_domain_name,
      projectName: auth.project_name,
      projectDomain: auth.project_domain_name,
      credentialId: '',
      region: '',
      interface: 'public',
      ca: '',
      insecure: false,
    },
    secret: auth.password,
  };
}

/** Adds the cloud as a site and waits until it is ready. @returns its id */
export async function addCloud(admin: Person, cloud = 'developer', name = 'Cloud'): Promise<string> {
  const { id } = await admin.rest.expect<{ id: string }>(201, 'POST', '/api/v1/sites', siteOf(cloud, name));
  await admin.rest.until(
    async () => (await admin.rest.call<{ state: string }>('GET', `/api/v1/sites/${id}`)).body,
    ({ state }) => state === 'ready',
    60,
  );
  return id;
}

interface Offers {
  flavors: { id: string; memoryMiB: number }[];
  images: { id: string; os?: string; ours: boolean }[];
  networks: { id: string; name: string }[];
}

/** The smallest flavor, our tiny guest, the network the server reaches, and SSH let in. */
export async function cloudRequest(person: Person, siteId: string, name: string): Promise<VmRequest> {
  const offers = await person.rest.expect<Offers>(200, 'GET', `/api/v1/sites/${siteId}/offers`);
  const flavor = offers.flavors.toSorted((a, b) => a.memoryMiB - b.memoryMiB)[0];
  const image = offers.images.find(({ os, ours }) => os === 'tiny' && ours);
  const network = offers.networks.find((each) => each.name === 'provider');
  if (!flavor || !image || !network) throw new Error(`the cloud offers ${JSON.stringify(offers)}`);
  return {
    siteId,
    imageId: image.id,
    flavor: { id: flavor.id },
    network: { id: network.id, forwards: [] },
    cloud: { moreNetworks: [], securityGroupIds: [], openPorts: [{ protocol: 'tcp', port: 22 }] },
    name,
    sshKeys: [],
    toolIds: [],
  };
}

/** A token of a login of clouds.yaml, with what keystone says of it. */
async function sessionOf(cloud: string) {
  const auth = authOf(cloud);
  const base = `${auth.auth_url.replace(/\/v3\/?$/, '')}/v3`;
  const response = await fetch(`${base}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ['password'],
          password: {
            user: { name: auth.username, password: auth.password, domain: { name: auth.user_domain_name } },
          },
        },
        scope: { project: { name: auth.project_name, domain: { name: auth.project_domain_name } } },
      },
    }),
  });
  const { token: facts } = (await response.json()) as {
    token: {
      user: { id: string };
      project: { id: string };
      catalog: { type: string; endpoints: { interface: string; url: string }[] }[];
    };
  };
  return { base, token: response.headers.get('x-subject-token') ?? '', facts };
}

/** Makes an application credential of a login, which only its own project can be entered with. */
export async function makeApplicationCredential(cloud: string, name: string) {
  const { base, token, facts } = await sessionOf(cloud);
  const credentials = `${base}/users/${facts.user.id}/application_credentials`;
  const headers = { 'content-type': 'application/json', 'x-auth-token': token };
  const made = await fetch(credentials, {
    method: 'POST',
    headers,
    body: JSON.stringify({ application_credential: { name } }),
  });
  const { application_credential: credential } = (await made.json()) as {
    application_credential: { id: string; secret: string };
  };
  const withdraw = async () => {
    await fetch(`${credentials}/${credential.id}`, { method: 'DELETE', headers });
  };
  return { authUrl: authOf(cloud).auth_url, ...credential, withdraw };
}

/** Names of everything a project of the cloud holds that somebody made: servers, ports, groups, keys, IPs, snapshots. */
export async function holdingsOf(cloud: string): Promise<string[]> {
  const { token, facts } = await sessionOf(cloud);
  const of = async (type: string, path: string, key: string): Promise<Record<string, unknown>[]> => {
    const base = facts.catalog
      .find((each) => each.type === type)
      ?.endpoints.find((each) => each.interface === 'public');
    const answer = await fetch(`${base?.url ?? ''}${path}`, { headers: { 'x-auth-token': token } });
    return ((await answer.json()) as Record<string, Record<string, unknown>[]>)[key] ?? [];
  };
  const project = `project_id=${facts.project.id}`;
  const [servers, keys, ports, groups, floating, images, flavors] = await Promise.all([
    of('compute', '/servers', 'servers'),
    of('compute', '/os-keypairs', 'keypairs'),
    of('network', `/v2.0/ports?${project}`, 'ports'),
    of('network', `/v2.0/security-groups?${project}`, 'security_groups'),
    of('network', `/v2.0/floatingips?${project}`, 'floatingips'),
    // The images that were put there once per content stay: other VMs are made from them.
    of('image', `/v2/images?owner=${facts.project.id}&limit=1000`, 'images'),
    of('compute', '/flavors', 'flavors'),
  ]);
  return [
    ...servers.map(({ name }) => `server ${String(name)}`),
    ...keys.map(({ keypair }) => `key ${String((keypair as { name: unknown }).name)}`),
    // The cloud's own ports come and go with its networks.
    ...ports
      .filter(({ device_owner: owner }) => !String(owner).startsWith('network:'))
      .map(({ id, device_owner: owner }) => `port ${String(owner)} ${String(id)}`),
    ...groups.map(({ name }) => `group ${String(name)}`),
    ...floating.map(({ id }) => `floating IP ${String(id)}`),
    ...images.filter((each) => !each['edgeyard_digest']).map(({ name }) => `image ${String(name)}`),
    ...flavors.map(({ name }) => `flavor ${String(name)}`),
  ].toSorted();
}

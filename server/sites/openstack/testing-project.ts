/** A project of its own at the real cloud for a test, so that what others have there is not seen. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { listImages } from './glance';
import type { Cloud } from './cloud';
import type { OpenStackAccess } from './login';
import { listPorts } from './ports';
import { openCloud } from './session';
import { testAccess } from './testing-login';

export interface TestingProject {
  id: string;
  /** Login of the project's one user. */
  access: OpenStackAccess;
  /** The user's session, apart from the site's. */
  cloud: Cloud;
  /** The cloud's administrator, in another project. */
  admin: Cloud;
  /** What there is in the project beside what every project has; copies of our images stay there by design. */
  contents(): Promise<string[]>;
  /** Sets limits of nova's quota, for example `{ instances: 1 }`. */
  limit(quota: Record<string, number>): Promise<void>;
  /** Removes the project with all that is in it. */
  close(): Promise<void>;
}

const withId = z.object({ id: z.string() });
const named = z.object({ id: z.string(), name: z.string().nullish() });

/**
 * Makes a project and a user in it.
 *
 * @param roles names of the user's roles there
 */
export async function openProject(roles: readonly string[] = ['member']): Promise<TestingProject> {
  const admin = openCloud(testAccess('admin'));
  const name = `edgeyard-test-${randomBytes(4).toString('hex')}`;
  const secret = randomBytes(12).toString('hex');
  const make = async (kind: string, body: Record<string, unknown>) => {
    const answer = await admin.ask({
      service: 'identity',
      method: 'POST',
      path: `/${kind}s`,
      body: { [kind]: body },
      schema: z.object({ [kind]: withId }),
    });
    return (answer as Record<string, { id: string }>)[kind]?.id ?? '';
  };
  const id = await make('project', { name, domain_id: 'default' });
  const userId = await make('user', { name, domain_id: 'default', password: secret });
  const all = await admin.list({ service: 'identity', path: '/roles', key: 'roles', schema: named });
  for (const role of all.filter((each) => roles.includes(each.name ?? ''))) {
    const path = `/projects/${id}/users/${userId}/roles/${role.id}`;
    await admin.send({ service: 'identity', method: 'PUT', path });
  }
  const { login } = testAccess('developer');
  const access = { login: { ...login, userName: name, projectName: name }, secret };
  const cloud = openCloud(access);
  return {
    id,
    access,
    cloud,
    admin,
    contents: () => contentsOf(cloud, id),
    limit: (quota) =>
      admin.send({
        service: 'compute',
        method: 'PUT',
        path: `/os-quota-sets/${id}`,
        body: { quota_set: quota },
      }),
    close: async () => {
      await empty(cloud, admin, id);
      await admin.send({ service: 'identity', method: 'DELETE', path: `/users/${userId}` });
      await admin.send({ service: 'identity', method: 'DELETE', path: `/projects/${id}` });
      await cloud.close();
      await admin.close();
    },
  };
}

async function contentsOf(cloud: Cloud, projectId: string): Promise<string[]> {
  const network = (path: string, key: string) =>
    cloud.list({ service: 'network', path, key, schema: z.looseObject({ id: z.string() }) });
  const [servers, ports, groups, floating, keyPairs, images] = await Promise.all([
    cloud.list({ service: 'compute', path: '/servers', key: 'servers', schema: named }),
    listPorts(cloud, { project_id: projectId }),
    network(`/v2.0/security-groups?project_id=${projectId}`, 'security_groups'),
    network(`/v2.0/floatingips?project_id=${projectId}`, 'floatingips'),
    cloud.list({
      service: 'compute',
      path: '/os-keypairs',
      key: 'keypairs',
      schema: z.object({ keypair: z.object({ name: z.string() }) }),
    }),
    listImages(cloud, { owner: projectId }, undefined),
  ]);
  return [
    ...servers.map((each) => `server ${each.name}`),
    ...ports.map((each) => `port ${each.id}`),
    ...groups.filter((each) => each.name !== 'default').map((each) => `group ${String(each.name)}`),
    ...floating.map((each) => `floating IP ${String(each.floating_ip_address)}`),
    ...keyPairs.map((each) => `key pair ${each.keypair.name}`),
    ...images.filter((each) => !each.edgeyard_digest).map((each) => `image ${each.name ?? each.id}`),
  ].toSorted();
}

/** Removes images and the group that neutron makes for every project; the tests removed the rest. */
async function empty(cloud: Cloud, admin: Cloud, projectId: string): Promise<void> {
  for (const { id } of await listImages(cloud, { owner: projectId }, undefined)) {
    await cloud.send({ service: 'image', method: 'DELETE', path: `/v2/images/${id}` });
  }
  const groups = await admin.list({
    service: 'network',
    path: '/v2.0/security-groups',
    query: { project_id: projectId },
    key: 'security_groups',
    schema: withId,
  });
  for (const { id } of groups) {
    await admin.send({ service: 'network', method: 'DELETE', path: `/v2.0/security-groups/${id}` });
  }
}

/** Each service of a cloud looked at apart: whether it answers this login, and in which version. */
import { z } from 'zod';
import type { LightName } from '../schemas';
import type { Ask, Cloud, Service } from './cloud';
import type { Seen } from '../examine-way';

/** The newest microversion that is asked for: Victoria's. An older nova works, with less. */
const wantedMinor = 87;
// Neutron's extensions without which VMs here lack something.
const wantedExtensions = ['security-group', 'router', 'port-security'] as const;
const timeoutMs = 10_000;

const versionList = z.object({
  versions: z
    .array(z.object({ id: z.string(), version: z.string().optional(), max_version: z.string().optional() }))
    .min(1),
});
const oneVersion = z.object({
  version: z.object({ id: z.string().optional(), version: z.string().optional() }),
});

type Look = (cloud: Cloud, signal: AbortSignal) => Promise<Seen>;

/** How each service is looked at; each throws the Problem of what it was refused. */
export const looks: Readonly<Record<Service, Look>> = {
  identity: async (cloud, signal) => {
    const { version } = await cloud.ask({ ...ask('identity', '', signal), schema: oneVersion });
    return answered('keystone', version.id ?? 'v3');
  },

  compute: async (cloud, signal) => {
    await cloud.send({ ...ask('compute', '/flavors', signal), query: { limit: 1 } });
    const newest = await novaVersion(cloud, signal);
    const params = { version: newest || '2.0', wanted: `2.${wantedMinor}` };
    if (Number(newest.split('.')[1] ?? 0) < wantedMinor)
      return { state: 'warn', says: 'sites.lights.computeOld', params };
    return { says: 'sites.lights.compute', params };
  },

  image: async (cloud, signal) => {
    await cloud.send({ ...ask('image', '/v2/images', signal), query: { limit: 1 } });
    const { versions } = await cloud.ask({ ...ask('image', '/versions', signal), schema: versionList });
    return answered('glance', versions[0]?.id ?? 'v2');
  },

  network: async (cloud, signal) => {
    const schema = z.object({ extensions: z.array(z.object({ alias: z.string() })) });
    const { extensions } = await cloud.ask({ ...ask('network', '/v2.0/extensions', signal), schema });
    const has = new Set(extensions.map(({ alias }) => alias));
    const missing = wantedExtensions.filter((alias) => !has.has(alias));
    if (missing.length === 0) return answered('neutron', 'v2.0');
    return { state: 'warn', says: 'sites.lights.extensions', params: { missing: missing.join(', ') } };
  },

  orchestration: async (cloud, signal) => {
    await cloud.send({ ...ask('orchestration', '/stacks', signal), query: { limit: 1 } });
    return answered('heat', 'v1');
  },

  placement: async (cloud, signal) => {
    const { versions } = await cloud.ask({ ...ask('placement', '/', signal), schema: versionList });
    const [first] = versions;
    return answered('placement', first?.max_version ?? first?.id ?? '1.0');
  },
};

const limits = z.object({ limits: z.object({ absolute: z.record(z.string(), z.number()) }) });

/** What the project may have of nova, and has. */
export async function lookAtQuota(cloud: Cloud, signal: AbortSignal): Promise<Seen> {
  const { absolute } = (await cloud.ask({ ...ask('compute', '/limits', signal), schema: limits })).limits;
  const amounts = [
    ['instances', 'totalInstancesUsed', 'maxTotalInstances'],
    ['cores', 'totalCoresUsed', 'maxTotalCores'],
    ['memory', 'totalRAMUsed', 'maxTotalRAMSize'],
  ] as const;
  const params: Record<string, string | number> = {};
  let full = false;
  for (const [name, usedKey, totalKey] of amounts) {
    const used = absolute[usedKey] ?? 0;
    const total = absolute[totalKey] ?? -1;
    params[`${name}Used`] = used;
    // Nova says -1 for what is not limited.
    params[`${name}Total`] = total < 0 ? '∞' : total;
    full ||= total >= 0 && used >= total;
  }
  return full
    ? { state: 'warn', says: 'sites.lights.quotaFull', params }
    : { says: 'sites.lights.quota', params };
}

/** Nova's newest microversion; its address may end with the project, which the version's own does not. */
async function novaVersion(cloud: Cloud, signal: AbortSignal): Promise<string> {
  const at = await cloud.find({ ...ask('compute', '/', signal), schema: oneVersion });
  if (at) return at.version.version ?? '';
  const list = await cloud.ask({ ...ask('compute', '/../', signal), schema: oneVersion });
  return list.version.version ?? '';
}

function answered(service: string, version: string): Seen {
  return { says: 'sites.lights.service', params: { service, version } };
}

function ask(service: Service, path: string, signal: AbortSignal): Ask {
  return { service, path, signal, timeoutMs, repeats: false };
}

/** Those a site cannot do without; the others only make it able to do more. */
export const needed: ReadonlySet<LightName> = new Set(['identity', 'compute', 'image', 'network']);

/** Keystone's answer to a login, and the addresses in it. */
import { z } from 'zod';
import { Problem } from '../../problem';
import type { Service } from './cloud';
import type { OpenStackLogin } from './login';

/** What keystone v3 answers to `POST /auth/tokens`, as far as it is read here. */
export const tokenAnswer = z.object({
  token: z.object({
    expires_at: z.iso.datetime({ offset: true }),
    issued_at: z.iso.datetime({ offset: true }),
    user: z.object({ id: z.string() }),
    project: z.object({ id: z.string(), name: z.string() }).optional(),
    roles: z.array(z.object({ name: z.string() })).default([]),
    catalog: z
      .array(
        z.object({
          type: z.string(),
          endpoints: z.array(
            z.object({ interface: z.string(), region: z.string().nullish(), url: z.string() }),
          ),
        }),
      )
      .default([]),
  }),
});

export type Catalogue = z.infer<typeof tokenAnswer>['token']['catalog'];

/** Names people know the services by; the same in every language. */
export const serviceNames: Readonly<Record<Service, string>> = {
  identity: 'keystone',
  compute: 'nova',
  image: 'glance',
  network: 'neutron',
  orchestration: 'heat',
  placement: 'placement',
};

/**
 * Keystone's versioned address, with or without `/v3` and slashes at its end.
 *
 * @param authUrl as people write it
 */
export function identityUrl(authUrl: string): string {
  const bare = authUrl.replace(/\/+$/, '').replace(/\/v(2\.0|3)$/, '');
  return `${bare}/v3`;
}

/**
 * The address of a service, by type, interface and region. Names play no part: a service may have none, and two may
 * share one.
 *
 * @throws Problem `openstack.errors.noService`, `noInterface`, `noRegion`, `manyRegions`, naming what the catalogue has
 */
export function endpointOf(catalogue: Catalogue, service: Service, login: OpenStackLogin): string {
  if (service === 'identity') return identityUrl(login.authUrl);
  const name = serviceNames[service];
  const all = catalogue.filter((entry) => entry.type === service).flatMap((entry) => entry.endpoints);
  if (all.length === 0) {
    const has = catalogue.map((entry) => entry.type);
    throw new Problem('unavailable', 'openstack.errors.noService', { service: name, has: words(has) });
  }
  const here = all.filter((endpoint) => login.region === '' || endpoint.region === login.region);
  if (here.length === 0) {
    throw new Problem('unavailable', 'openstack.errors.noRegion', {
      service: name,
      region: login.region,
      has: words(regionsOf(catalogue)),
    });
  }
  const fitting = here.filter((endpoint) => endpoint.interface.replace(/URL$/, '') === login.interface);
  const [first] = fitting;
  if (first === undefined) {
    const has = here.map((endpoint) => endpoint.interface);
    throw new Problem('unavailable', 'openstack.errors.noInterface', {
      service: name,
      interface: login.interface,
      has: words(has),
    });
  }
  const regions = new Set(fitting.map((endpoint) => endpoint.region));
  if (regions.size > 1) {
    throw new Problem('invalid', 'openstack.errors.manyRegions', { has: words([...regions]) });
  }
  return rootOf(service, first.url);
}

/** Regions the catalogue names, each once. */
export function regionsOf(catalogue: Catalogue): string[] {
  return unique(catalogue.flatMap((entry) => entry.endpoints.map((endpoint) => endpoint.region)));
}

// Clouds write these addresses with and without the version; the paths asked for begin where `Ask.path` says.
function rootOf(service: Service, url: string): string {
  const bare = url.replace(/\/+$/, '');
  switch (service) {
    case 'image':
      return bare.replace(/\/v[12](\.\d+)?$/, '');
    case 'network':
      return bare.replace(/\/v2\.0$/, '');
    case 'compute':
      // The address of v2 knows no microversions; v2.1 lies beside it on every nova since Kilo.
      return bare.replace(/\/v2(?=\/|$)/, '/v2.1');
    default:
      return bare;
  }
}

function unique(values: readonly (string | null | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined && value !== null))];
}

function words(values: readonly (string | null | undefined)[]): string {
  const named = unique(values);
  return named.length === 0 ? '–' : named.toSorted().join(', ');
}

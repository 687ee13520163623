/** The test of a connection: a row of lights, from the name of the cloud to what its project may still have. */
import { cloudLights, cloudServices, type Light, type LightName } from '../schemas';
import { serviceNames } from './catalogue';
import type { Cloud } from './cloud';
import { looks, lookAtQuota, needed } from './examine-services';
import { lookAtCertificate, lookAtName, lookAtPort, targetOf, timed, type Seen } from '../examine-way';
import { wireFault } from './faults';
import type { OpenStackAccess } from './login';
import { openCloud } from './session';

/**
 * Looks at everything between here and the use of a cloud, and changes nothing. What depends on a light that failed
 * is skipped; the services are looked at apart, so that one that is down hides no other.
 *
 * @param access the login to try, with its secret, which no light shows
 * @param signal ends it
 * @throws only the signal's reason: what fails is a light
 */
export async function* examineCloud(access: OpenStackAccess, signal?: AbortSignal): AsyncGenerator<Light> {
  const cloud = openCloud(access);
  const ending = new AbortController();
  const either = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
  try {
    yield* examine(access, cloud, either);
  } finally {
    ending.abort();
    await cloud.close();
  }
}

async function* examine(access: OpenStackAccess, cloud: Cloud, signal: AbortSignal): AsyncGenerator<Light> {
  const url = access.login.authUrl;
  const target = targetOf(url, (error) => wireFault(error, { service: 'identity', url }).error);
  const chain: [(typeof cloudLights)[number], () => Promise<Seen>][] = [
    ['dns', () => lookAtName(target, signal)],
    ['tcp', () => lookAtPort(target, signal)],
    ['tls', () => lookAtCertificate(target, cloud.tls(), signal)],
    ['login', () => lookAtLogin(cloud, signal)],
    ['catalogue', () => lookAtCatalogue(cloud)],
  ];
  for (const [name, look] of chain) {
    const light = await timed(name, signal, look);
    yield light;
    // A catalogue that lacks something is told again, service by service.
    if (light.state === 'failed' && name !== 'catalogue') {
      yield* skipped(cloudLights.slice(cloudLights.indexOf(name) + 1), name);
      return;
    }
  }
  const services = cloudServices.map((service) =>
    timed(service, signal, async () =>
      (await cloud.has(service)) ? looks[service](cloud, signal) : absent(service),
    ),
  );
  // The first that is aborted ends the loop; the others must not end the process.
  for (const each of services) each.catch(() => undefined);
  let compute: Light['state'] = 'ok';
  for (const each of services) {
    const light = await each;
    if (light.light === 'compute') compute = light.state;
    yield light;
  }
  if (compute === 'failed') yield* skipped(['quota'], 'compute');
  else yield await timed('quota', signal, () => lookAtQuota(cloud, signal));
}

async function lookAtLogin(cloud: Cloud, signal: AbortSignal): Promise<Seen> {
  const { projectName, roles, expiresAt } = await cloud.who(signal);
  return {
    says: 'sites.lights.login',
    params: { project: projectName, roles: roles.join(', ') || '–', expiresAt },
  };
}

async function lookAtCatalogue(cloud: Cloud): Promise<Seen> {
  const known = await Promise.all(
    cloudServices.map(async (service) => ({ service, there: await cloud.has(service) })),
  );
  const names = (there: boolean) =>
    known.filter((each) => each.there === there).map(({ service }) => serviceNames[service]);
  const missing = names(false);
  const params = { found: names(true).join(', '), missing: missing.join(', ') };
  if (missing.length === 0) return { says: 'sites.lights.catalogue', params };
  const lacks = known.some(({ service, there }) => !there && needed.has(service));
  return { state: lacks ? 'failed' : 'warn', says: 'sites.lights.catalogueLacks', params };
}

function absent(service: (typeof cloudServices)[number]): Seen {
  return {
    state: needed.has(service) ? 'failed' : 'skipped',
    says: `sites.lights.absent.${service}`,
  };
}

function* skipped(lights: readonly LightName[], after: LightName): Generator<Light> {
  for (const light of lights)
    yield { light, state: 'skipped', ms: 0, says: `sites.lights.after.${after}`, params: {} };
}

/** The test of a connection to another Edgeyard, light by light. */
import { z } from 'zod';
import { openEdgeyardApi, type EdgeyardApi } from '../../edgeyards/api';
import { lookAtCertificate, lookAtName, lookAtPort, targetOf, timed, type Seen } from '../examine-way';
import { edgeyardLights, type Light } from '../schemas';
import { wireProblem } from '../wire-faults';
import type { EdgeyardAccess } from './login';

/** Version of the REST API that this is written for. */
const version = '1';

const me = z.object({ name: z.string(), role: z.string(), scopes: z.array(z.string()) });
const sitesThere = z.object({
  sites: z.array(
    z.object({ id: z.string(), name: z.string(), state: z.string(), capabilities: z.array(z.string()) }),
  ),
});

/** The other side's own site, which VMs are made on. */
export const localSite = 'local';

/**
 * Looks at everything between here and the use of another Edgeyard, and changes nothing. What depends on a light that
 * failed is skipped.
 *
 * @param access the login to try, with its token, which no light shows
 * @param signal ends it
 * @throws only the signal's reason: what fails is a light
 */
export async function* examineEdgeyard(
  { login, secret }: EdgeyardAccess,
  signal?: AbortSignal,
): AsyncGenerator<Light> {
  const api = openEdgeyardApi({ ...login, token: secret });
  const ending = new AbortController();
  const either = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
  const target = targetOf(login.url, (error) => wireProblem(error, login.url) ?? error);
  const looks: Record<(typeof edgeyardLights)[number], () => Promise<Seen>> = {
    dns: () => lookAtName(target, either),
    tcp: () => lookAtPort(target, either),
    tls: () => lookAtCertificate(target, { ...api.tls, rejectUnauthorized: true }, either),
    login: () => lookAtLogin(api, either),
    version: () => lookAtVersion(api, either),
    rights: () => lookAtRights(api, either),
  };
  try {
    let failed = false;
    for (const name of edgeyardLights) {
      if (failed)
        yield { light: name, state: 'skipped', ms: 0, says: 'edgeyards.lights.skipped', params: {} };
      else {
        const light = await timed(name, either, looks[name]);
        yield light;
        failed = light.state === 'failed';
      }
    }
  } finally {
    ending.abort();
    await api.close();
  }
}

/** A token that is not known there makes a guest of us, which is no error to the other side. */
async function lookAtLogin(api: EdgeyardApi, signal: AbortSignal): Promise<Seen> {
  const { name, role } = await api.ask({ path: '/api/v1/me', schema: me, signal });
  if (role === 'guest')
    return { state: 'failed', says: 'edgeyards.errors.tokenRefused', params: { at: api.at } };
  return { says: 'edgeyards.lights.login', params: { name, role } };
}

async function lookAtVersion(api: EdgeyardApi, signal: AbortSignal): Promise<Seen> {
  const schema = z.object({ info: z.object({ title: z.string(), version: z.string() }) });
  const { info } = await api.ask({ path: '/api/openapi.json', schema, signal });
  const params = { version: info.version, known: version };
  return info.version === version
    ? { says: 'edgeyards.lights.version', params }
    : { state: 'warn', says: 'edgeyards.lights.versionOther', params };
}

/** What running apps there asks of the token, and of the other side. */
async function lookAtRights(api: EdgeyardApi, signal: AbortSignal): Promise<Seen> {
  const who = await api.ask({ path: '/api/v1/me', schema: me, signal });
  if (!['operator', 'admin'].includes(who.role) || !who.scopes.includes('write')) {
    const params = { role: who.role, scopes: who.scopes.join(', ') };
    return { state: 'failed', says: 'edgeyards.lights.rightsMissing', params };
  }
  const { sites } = await api.ask({ path: '/api/v1/sites', schema: sitesThere, signal });
  const local = sites.find(({ id }) => id === localSite);
  if (!local?.capabilities.includes('stacks'))
    return { state: 'failed', says: 'edgeyards.errors.noVms', params: { at: api.at } };
  if (local.state !== 'ready')
    return { state: 'warn', says: 'edgeyards.lights.siteNotReady', params: { name: local.name } };
  return { says: 'edgeyards.lights.rights', params: { name: local.name } };
}

/**
 * The packages of EdgeGallery's MECM (apm): what is brought to hosts, and how it stands there. They call operations and
 * hold no rule of their own. Whose tenant stands in the path makes no difference: the token tells who asks.
 */
import { z } from '@hono/zod-openapi';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { UserActor } from '../../access/actor';
import { sendFile } from '../../content/send-file';
import type { House } from '../../house';
import type { Job } from '../../jobs/job';
import type { SyncedRelease } from '../../operations/sync/schemas';
import type { Standing } from '../../operations/distribution/distribution';
import { Problem, problemFrom } from '../../problem';
import { releaseOf } from './edgegallery-releases';
import { problemWords } from './problem';
import { body, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'operator', scope: 'write' } as const;
const tags = ['EdgeGallery MECM'];
const base = '/apm/v1/tenants/{tenantId}/packages';
const tenant = { tenantId: z.string().max(64) };
const ofTenant = z.object(tenant);
const ofPackage = z.object({ ...tenant, packageId: z.string().max(64) });
const ofHost = ofPackage.extend({ hostIp: z.string().max(300) });
/** EdgeGallery's clients show no more of an error. */
const longestError = 1024;

const hostState = z.enum(['Processing', 'Distributed', 'Error']);
const hostView = z.object({ hostIp: z.string(), status: hostState, error: z.string() });

const packageView = z
  .object({
    appPkgId: z.string(),
    appPkgName: z.string(),
    appPkgVersion: z.string(),
    appPkgPath: z.string(),
    appProvider: z.string(),
    appPkgDesc: z.string(),
    appPkgAffinity: z.string(),
    appIconUrl: z.string(),
    createdTime: z.string(),
    modifiedTime: z.string(),
    appId: z.string(),
    mecHostInfo: z.array(hostView),
  })
  .openapi('MecAppPackage');

/** What counts is which package goes where; the words beside it are the catalogue's. */
const distributeInput = z.looseObject({
  appPkgId: z.string().min(1).max(64),
  appId: z.string().max(64).optional(),
  mecHostInfo: z
    .array(z.looseObject({ hostIp: z.string().min(1).max(300) }))
    .min(1)
    .max(500),
});

const distribute = restRoute(write, {
  method: 'post',
  path: base,
  tags,
  summary: 'Brings a synced package to hosts',
  request: { params: ofTenant, ...body(distributeInput) },
  responses: {
    202: json(
      z.object({ appPackageId: z.string(), packageId: z.string(), appId: z.string() }),
      'It has begun; the package tells how it stands',
    ),
  },
});

const list = restRoute(read, {
  method: 'get',
  path: base,
  tags,
  summary: 'Packages that were sent to hosts',
  request: { params: ofTenant },
  responses: { 200: json(z.array(packageView), 'Packages') },
});

const get = restRoute(read, {
  method: 'get',
  path: `${base}/{packageId}`,
  tags,
  summary: 'A package and how it stands at its hosts',
  request: { params: ofPackage },
  responses: { 200: json(packageView, 'The package') },
});

const download = restRoute(read, {
  method: 'get',
  path: `${base}/{packageId}/download`,
  tags,
  summary: 'The package itself',
  request: { params: ofPackage },
  responses: { 200: { description: 'A CSAR' } },
});

const success = { 200: { description: 'success', content: { 'text/plain': { schema: z.string() } } } };

const remove = restRoute(write, {
  method: 'delete',
  path: `${base}/{packageId}`,
  tags,
  summary: 'Takes a package away from all hosts; refused while something there runs it',
  request: { params: ofPackage },
  responses: success,
});

const removeAtHost = restRoute(write, {
  method: 'delete',
  path: `${base}/{packageId}/hosts/{hostIp}`,
  tags,
  summary: 'Takes a package away from a host; refused while something there runs it',
  request: { params: ofHost },
  responses: success,
});

const template = restRoute(read, {
  method: 'get',
  path: `${base}/{packageId}/apptemplate`,
  tags,
  summary: 'What may be set before a package is deployed',
  request: { params: ofPackage },
  responses: {
    200: json(
      z.object({
        appId: z.string(),
        appPackageId: z.string(),
        inputs: z.array(
          z.object({
            name: z.string(),
            type: z.string(),
            defaultValue: z.string(),
            description: z.string(),
          }),
        ),
      }),
      'Inputs; none for one of containers',
    ),
  },
});

/** Adds EdgeGallery's paths of packages at hosts. */
export function addEdgeGalleryApmPackageRoutes(app: RestApp, house: House): void {
  const room = () => house.operations.distributions;
  const sync = () => house.operations.sync;

  app.openapi(distribute, async (c) => {
    const { appPkgId, appId, mecHostInfo } = c.req.valid('json');
    const release = releaseOf(house, appPkgId, appId);
    const edgeIds = mecHostInfo.map(({ hostIp }) => house.operations.edges.mecHosts.edgeOf(hostIp).id);
    await room().start(userOf(c), { releaseIds: [release.id], edgeIds }, c.req.header('idempotency-key'));
    return c.json({ appPackageId: appPkgId, packageId: appPkgId, appId: release.appId }, 202);
  });

  app.openapi(list, (c) => c.json(packagesOf(house, undefined, c.req.header('accept-language')), 200));

  app.openapi(get, (c) => {
    const release = releaseOf(house, c.req.valid('param').packageId);
    const [found] = packagesOf(house, release, c.req.header('accept-language'));
    if (!found) throw new Problem('not_found', 'sync.errors.noRelease');
    return c.json(found, 200);
  });

  app.openapi(download, async (c) => {
    const { path, size, sha256, fileName } = await sync().packagePath(
      releaseOf(house, c.req.valid('param').packageId).id,
    );
    const { incoming, outgoing } = c.env as HttpBindings;
    const type = 'application/octet-stream';
    await sendFile(incoming, outgoing, { path, size, sha256, fileName, type, open: false });
    return RESPONSE_ALREADY_SENT;
  });

  app.openapi(remove, async (c) => {
    const release = releaseOf(house, c.req.valid('param').packageId);
    const standings = room().standings(release.id);
    if (standings.length === 0) throw new Problem('not_found', 'sync.errors.noRelease');
    for (const standing of standings) await takeAway(house, userOf(c), standing, c.req.raw.signal);
    return c.text('success', 200);
  });

  app.openapi(removeAtHost, async (c) => {
    const { packageId, hostIp } = c.req.valid('param');
    const release = releaseOf(house, packageId);
    const edge = house.operations.edges.mecHosts.edgeOf(hostIp);
    const standing = room()
      .standings(release.id)
      .find(({ edgeId }) => edgeId === edge.id);
    if (!standing) throw new Problem('not_found', 'distribution.errors.notPlaced', { edge: edge.name });
    await takeAway(house, userOf(c), standing, c.req.raw.signal);
    return c.text('success', 200);
  });

  app.openapi(template, async (c) => {
    const { packageId } = c.req.valid('param');
    const release = releaseOf(house, packageId);
    const inputs = release.kind === 'vm' ? (await sync().topology(release.id)).topology.inputs : [];
    const shown = inputs.map((input) => ({
      name: input.name,
      type: input.type,
      // A secret that its author wrote into the package is not for everybody who may read here.
      defaultValue: input.secret || input.default === undefined ? '' : String(input.default),
      description: input.description,
    }));
    return c.json({ appId: release.appId, appPackageId: packageId, inputs: shown }, 200);
  });
}

function packagesOf(house: House, only: SyncedRelease | undefined, language: string | undefined) {
  const { distributions, edges, sync } = house.operations;
  const ips = new Map<string, string | undefined>();
  const ipOf = (edgeId: string) => {
    if (!ips.has(edgeId)) ips.set(edgeId, edges.mecHosts.ipOf(edgeId));
    return ips.get(edgeId);
  };
  const byRelease = new Map<string, Standing[]>();
  for (const standing of distributions.standings(only?.id))
    byRelease.set(standing.releaseId, [...(byRelease.get(standing.releaseId) ?? []), standing]);
  const releases = only ? [only] : sync.releases({});
  return releases.flatMap((release) => {
    const standings = byRelease.get(release.id) ?? [];
    const hosts = standings.flatMap((standing) => {
      const hostIp = ipOf(standing.edgeId);
      return hostIp === undefined ? [] : [hostOf(standing, hostIp, language)];
    });
    return hosts.length === 0 ? [] : [viewOf(release, standings, hosts)];
  });
}

const stateOf = { sending: 'Processing', there: 'Distributed', failed: 'Error', cancelled: 'Error' } as const;

function hostOf({ state, problem }: Standing, hostIp: string, language: string | undefined) {
  const report = problem ?? (state === 'cancelled' ? new Problem('cancelled', 'problems.cancelled') : null);
  const error = report === null ? '' : problemWords(report, language);
  return { hostIp, status: stateOf[state], error: error.slice(0, longestError) };
}

function viewOf(
  release: SyncedRelease,
  standings: readonly Standing[],
  mecHostInfo: z.infer<typeof hostView>[],
): z.infer<typeof packageView> {
  const first = Math.min(...standings.map(({ startedAt }) => startedAt));
  const last = Math.max(...standings.map(({ startedAt, endedAt }) => endedAt ?? startedAt));
  return {
    appPkgId: release.releaseId,
    appPkgName: release.name,
    appPkgVersion: release.version,
    appPkgPath: `/apm/v1/tenants/default/packages/${encodeURIComponent(release.releaseId)}/download`,
    appProvider: release.provider,
    appPkgDesc: release.description,
    appPkgAffinity: release.architecture,
    appIconUrl: release.iconUrl ?? '',
    createdTime: new Date(first).toISOString(),
    modifiedTime: new Date(last).toISOString(),
    appId: release.appId,
    mecHostInfo,
  };
}

/** Takes a release away from an edge, however far it came there. @throws Problem `conflict` while it is used */
async function takeAway(
  { operations, jobs }: House,
  actor: UserActor,
  { releaseId, edgeId }: Standing,
  signal: AbortSignal,
): Promise<void> {
  const room = operations.distributions;
  for (const id of room.sending(releaseId, edgeId)) {
    room.cancel(actor, id, { releaseIds: [releaseId], edgeIds: [edgeId] });
    const [cell] = room.get(id, { releaseId, edgeId }).cells;
    if (cell?.jobId) await jobs.settled(cell.jobId, signal);
  }
  if (room.placements({ releaseId, edgeId }).length > 0)
    requireDone(await jobs.settled(room.withdraw(actor, releaseId, edgeId).id, signal));
  const left = room.standings(releaseId).find((each) => each.edgeId === edgeId);
  if (left?.distributionId && (left.state === 'failed' || left.state === 'cancelled'))
    room.dismiss(actor, left.distributionId, { releaseIds: [releaseId], edgeIds: [edgeId] });
}

function requireDone({ state, error }: Job): void {
  if (state === 'done') return;
  throw error ? problemFrom(error) : new Problem('cancelled', 'problems.cancelled');
}

/** Snapshots that nova makes of a server, as images in glance. */
import { z } from 'zod';
import { isProblem, Problem } from '../../problem';
import { mustAct } from '../power-rules';
import type { SiteVmState } from '../site';
import type { Cloud } from './cloud';
import { deleteImage, findImage, listImages, lookUntil, patiently, type GlanceImage } from './glance';
import { readText } from './wire';

const serverFacts = z.object({
  server: z.object({
    status: z.string(),
    'OS-EXT-STS:task_state': z.string().nullish(),
    /** Empty for a server whose root disk is a volume. */
    image: z.union([z.literal(''), z.object({ id: z.string() })]).nullish(),
    'os-extended-volumes:volumes_attached': z.array(z.unknown()).nullish(),
  }),
});

/** What a snapshot asks of a server. */
interface ServerFacts {
  status: string;
  /** What nova is doing with it; undefined while it does nothing. */
  task: string | undefined;
  /** Whether its root disk is a volume, which a snapshot in glance does not hold. */
  volumeBacked: boolean;
  /** Volumes beside the root disk. */
  volumes: number;
}

async function requireServer(
  cloud: Cloud,
  id: string,
  signal: AbortSignal | undefined,
): Promise<ServerFacts> {
  const path = `/servers/${encodeURIComponent(id)}`;
  const found = await cloud.find({ service: 'compute', path, schema: serverFacts, signal });
  if (!found) throw new Problem('not_found', 'sites.errors.noVm');
  const { server } = found;
  return {
    status: server.status,
    task: server['OS-EXT-STS:task_state'] ?? undefined,
    volumeBacked: server.image === '' || server.image === null || server.image === undefined,
    volumes: server['os-extended-volumes:volumes_attached']?.length ?? 0,
  };
}

/** How long nova may be at something else before a snapshot, and clearing up after one. */
const idleMs = 60_000;

/** Waits until nova does nothing with a server. @throws Problem `conflict` that names what it does after a minute */
async function whenIdle(cloud: Cloud, id: string, signal: AbortSignal | undefined): Promise<ServerFacts> {
  const end = performance.now() + idleMs;
  return lookUntil(async () => {
    const server = await requireServer(cloud, id, signal);
    if (server.task === undefined) return server;
    if (performance.now() < end) return undefined;
    throw new Problem('conflict', 'openstack.errors.serverBusy', { task: server.task });
  }, signal);
}

/** As far as a snapshot needs it; ERROR is left to nova, which says what it does not do. */
const states: Record<string, SiteVmState | undefined> = {
  ACTIVE: 'running',
  PAUSED: 'paused',
  SUSPENDED: 'paused',
  SHUTOFF: 'stopped',
};

/**
 * Checks that a server can be captured now.
 *
 * @returns volumes that the image will not hold
 * @throws Problem `conflict` in the wrong state, and for a server whose root disk is a volume; `not_found`
 */
export async function requireCapturable(
  cloud: Cloud,
  serverId: string,
  mode: 'stopped' | 'freeze',
  signal: AbortSignal | undefined,
): Promise<{ volumes: number }> {
  const server = await whenIdle(cloud, serverId, signal);
  const state = states[server.status];
  if (state) mustAct(mode === 'stopped' ? 'capture' : 'look', state);
  if (server.volumeBacked) throw new Problem('conflict', 'openstack.errors.volumeBacked');
  return { volumes: server.volumes };
}

/** What marks a snapshot that is only on its way to us. Nova would else hand on what a copy of ours says of itself. */
const halfWay = { edgeyard_digest: '', edgeyard_image: '', edgeyard_owner: '' };

/**
 * Asks nova for a snapshot.
 *
 * @param name that nothing else has: the snapshot is found by it when the answer is lost
 * @returns glance's id; the image has no content yet
 * @throws Problem `openstack.errors.*`
 */
export async function startSnapshot(
  cloud: Cloud,
  server: { id: string; vmId: string },
  name: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const metadata = { ...halfWay, edgeyard_vm: server.vmId };
  try {
    const answer = await cloud.stream({
      service: 'compute',
      method: 'POST',
      path: `/servers/${encodeURIComponent(server.id)}/action`,
      body: { createImage: { name, metadata } },
      signal,
    });
    return imageIdOf(await readText(answer.body), answer.headers['location']);
  } catch (error) {
    if (signal?.aborted || (isProblem(error) && error.code !== 'unavailable' && error.code !== 'failed'))
      throw error;
    const [made] = await listImages(cloud, { name }, signal);
    if (!made) throw error;
    return made.id;
  }
}

/** The body has the id from microversion 2.45 on; before, only the address of the new image did. */
function imageIdOf(body: string, location: string | undefined): string {
  const inBody = /"image_id"\s*:\s*"([^"]+)"/.exec(body)?.[1];
  const id = inBody ?? location?.replace(/\/+$/, '').split('/').at(-1);
  if (!id) throw new Problem('failed', 'openstack.errors.snapshotLost');
  return id;
}

/**
 * Waits until a snapshot has its content.
 *
 * @param onState called with every new state of the image: queued, saving
 * @throws Problem `failed` with nova's words when it came to nothing; AbortError
 */
export async function snapshotReady(
  cloud: Cloud,
  serverId: string,
  imageId: string,
  call: { signal?: AbortSignal | undefined; onState: (status: string) => void },
): Promise<GlanceImage> {
  let last = '';
  let idleSince: number | undefined;
  const look = async () => {
    const image = await findImage(cloud, imageId, call.signal);
    // Nova removes the image when its snapshot fails.
    if (!image || image.status === 'killed') throw await snapshotFailed(cloud, serverId, call.signal);
    if (image.status === 'active') return image;
    if (image.status !== last) call.onState((last = image.status));
    const { task } = await requireServer(cloud, serverId, call.signal);
    idleSince = task === undefined ? (idleSince ?? performance.now()) : undefined;
    // An image may come to rest a little after its server, but not minutes.
    if (idleSince !== undefined && performance.now() - idleSince > idleMs) {
      throw await snapshotFailed(cloud, serverId, call.signal);
    }
    return undefined;
  };
  // The snapshot goes on without glance's or nova's API answering us.
  return lookUntil(patiently(look), call.signal);
}

const actionList = z.object({
  instanceActions: z.array(
    z.object({
      action: z.string(),
      request_id: z.string(),
      start_time: z.string(),
      message: z.string().nullish(),
    }),
  ),
});

const actionFacts = z.object({
  instanceAction: z.object({
    events: z.array(z.object({ result: z.string().nullish(), details: z.string().nullish() })).nullish(),
  }),
});

async function snapshotFailed(
  cloud: Cloud,
  serverId: string,
  signal: AbortSignal | undefined,
): Promise<Problem> {
  const words = await wordsOfSnapshot(cloud, serverId, signal).catch(() => undefined); // They only explain.
  return new Problem('failed', 'openstack.errors.snapshotFailed', {}, { detail: words });
}

/** What nova noted of the newest snapshot of a server. The details came with microversion 2.84. */
async function wordsOfSnapshot(
  cloud: Cloud,
  serverId: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const service = 'compute';
  const path = `/servers/${encodeURIComponent(serverId)}/os-instance-actions`;
  const { instanceActions } = await cloud.ask({ service, path, schema: actionList, signal });
  const newest = instanceActions
    .filter(({ action }) => action === 'createImage')
    .sort((one, other) => (one.start_time < other.start_time ? 1 : -1))[0];
  if (!newest) return undefined;
  const one = { service, path: `${path}/${newest.request_id}`, schema: actionFacts, signal } as const;
  const { instanceAction } = await cloud.ask(one);
  const failed = instanceAction.events?.find(({ result }) => result === 'Error');
  return failed?.details ?? newest.message ?? undefined;
}

/**
 * Removes a snapshot and waits, for a minute at most, until nova has let go of the server. Works after an abort too.
 *
 * @returns whether the snapshot is gone for certain
 */
export async function removeSnapshot(cloud: Cloud, serverId: string, imageId: string): Promise<boolean> {
  const signal = AbortSignal.timeout(idleMs);
  try {
    await deleteImage(cloud, imageId, signal);
  } catch {
    return false;
  }
  // Nova notices only at its next step that the image is gone; until then it refuses to start the server.
  await whenIdle(cloud, serverId, signal).catch(() => undefined);
  return true;
}

/** Removes what an interrupted capture of a VM left in glance. @throws Problem `openstack.errors.*` */
export async function removeLeftSnapshots(
  cloud: Cloud,
  vmId: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { projectId } = await cloud.who(signal);
  const left = await listImages(cloud, { edgeyard_vm: vmId, owner: projectId }, signal);
  for (const image of left) {
    if (image.owner === projectId && !image.edgeyard_digest) await deleteImage(cloud, image.id, signal);
  }
}

/** Servers of nova: found by our metadata, waited for by their state, deleted with all that was made for them. */
import { z } from 'zod';
import { Problem } from '../../problem';
import { removeBelongings } from './belongings';
import type { Cloud } from './cloud';
import { lookUntil } from './glance';
import { isRefusal } from './refusals';
import { isGone, novaServer, taskOf, vmIdOf, type NovaServer } from './server-view';

const one = z.object({ server: novaServer });

/** Path of a server, or of something below it. */
export function serverPath(id: string, below = ''): string {
  return `/servers/${encodeURIComponent(id)}${below}`;
}

/** @returns undefined when nova has no such server, or only remembers it */
export async function findServer(
  cloud: Cloud,
  id: string,
  signal?: AbortSignal,
): Promise<NovaServer | undefined> {
  const found = await cloud.find({ service: 'compute', path: serverPath(id), schema: one, signal });
  return found === undefined || isGone(found.server) ? undefined : found.server;
}

/** @throws Problem `not_found` when nova has no such server */
export async function requireServer(cloud: Cloud, id: string, signal?: AbortSignal): Promise<NovaServer> {
  const server = await findServer(cloud, id, signal);
  if (!server) throw new Problem('not_found', 'sites.errors.noVm');
  return server;
}

/**
 * Servers that were made for VMs of ours.
 *
 * @throws Problem `unavailable` when a part of the cloud does not answer: what it holds is not gone
 */
export async function listServers(cloud: Cloud, signal?: AbortSignal): Promise<NovaServer[]> {
  const all = await cloud.list({
    service: 'compute',
    path: '/servers/detail',
    key: 'servers',
    schema: novaServer,
    signal,
  });
  // A server of a cell that is down comes without its metadata, so that nobody knows whose it is.
  if (all.some((server) => server.status === 'UNKNOWN' && server.created === '')) {
    throw new Problem('unavailable', 'openstack.errors.serverUnknown', { status: 'UNKNOWN' });
  }
  return all.filter((server) => vmIdOf(server) !== undefined && !isGone(server));
}

/** The servers that carry a VM's id, the oldest first: one, unless two processes made one each. */
export async function serversOf(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<NovaServer[]> {
  const all = await listServers(cloud, signal);
  return all
    .filter((server) => vmIdOf(server) === vmId)
    .toSorted((a, b) => a.created.localeCompare(b.created) || a.id.localeCompare(b.id));
}

export interface Wait {
  signal?: AbortSignal | undefined;
  /** Milliseconds after which one gives up. */
  limitMs: number;
  /** Asked for after each look that was not the last. */
  between?: ((server: NovaServer) => Promise<void>) | undefined;
}

const pauses = { first: 300, longest: 2000 };

/**
 * Looks at a server until it is as one wants it.
 *
 * @param isDone may throw, which ends the wait
 * @returns the server as it was last seen; undefined when it went away
 * @throws Problem `unavailable` with nova's task when the time is over
 */
export async function untilServer(
  cloud: Cloud,
  id: string,
  isDone: (server: NovaServer) => boolean,
  { signal, limitMs, between }: Wait,
): Promise<NovaServer | undefined> {
  const until = Date.now() + limitMs;
  const end = await lookUntil(
    async () => {
      const server = await findServer(cloud, id, signal);
      if (!server || isDone(server)) return { server };
      if (Date.now() >= until) throw stillBusy(server);
      await between?.(server);
      return undefined;
    },
    signal,
    pauses,
  );
  return end.server;
}

/** The Problem of a server that nova does not get done with. */
function stillBusy(server: NovaServer): Problem {
  return new Problem('unavailable', 'openstack.errors.serverBusy', {
    task: taskOf(server) ?? server.status.toLowerCase(),
  });
}

/** How long nova may take to delete a server; an agent that hangs takes longer than any guest. */
const deleteMs = 120_000;

/** Deletes a server and waits until it is gone; one that is not there is fine. @throws Problem `openstack.errors.*` */
export async function deleteServer(cloud: Cloud, id: string, signal?: AbortSignal): Promise<void> {
  await cloud.send({ service: 'compute', method: 'DELETE', path: serverPath(id), signal });
  let forced = false;
  await untilServer(cloud, id, () => false, {
    signal,
    limitMs: deleteMs,
    between: async (server) => {
      // Nova gave up half-way, or keeps it for a while as some clouds do: asked once more, with weight.
      if (forced || taskOf(server) !== undefined || server.status !== 'ERROR') return;
      forced = true;
      await forceDelete(cloud, id, signal);
    },
  });
}

async function forceDelete(cloud: Cloud, id: string, signal?: AbortSignal): Promise<void> {
  try {
    await cloud.send({
      service: 'compute',
      method: 'POST',
      path: serverPath(id, '/action'),
      body: { forceDelete: null },
      signal,
    });
  } catch (error) {
    if (!isRefusal(error, 'not_found', 'conflict', 'forbidden')) throw error;
  }
}

/**
 * Deletes whatever the cloud holds for a VM: its servers, and then what was made around them. Nothing there is fine.
 *
 * @throws Problem `openstack.errors.*`
 */
export async function removeVm(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<void> {
  for (const server of await serversOf(cloud, vmId, signal)) await deleteServer(cloud, server.id, signal);
  await removeBelongings(cloud, vmId, signal);
}

/**
 * Deletes a server and all that was made for its VM. One that is not there is fine.
 *
 * @param vmId of the VM; what the server says when absent
 * @throws Problem `openstack.errors.*`
 */
export async function removeServer(
  cloud: Cloud,
  id: string,
  vmId: string | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const server = await findServer(cloud, id, signal);
  if (server) await deleteServer(cloud, id, signal);
  const owner = vmId ?? (server && vmIdOf(server));
  if (owner !== undefined) await removeVm(cloud, owner, signal);
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { guest, type Actor, type UserActor } from '../access/actor';
import { testDatabase } from '../db/testing';
import { openEvents } from '../jobs/events';
import type { Job } from '../jobs/job';
import { openJobs } from '../jobs/jobs';
import { copyArtifact } from '../oci/copy-artifact';
import { openRegistry } from '../oci/open-registry';
import { asProblem, problemStatus } from '../problem';
import { memorySecrets } from '../registries/testing';
import { openFakeWorkloadSite } from '../sites/fake/fake-workloads';
import { siteRegistry } from '../sites/registry';
import type { WorkloadSite } from '../sites/site';
import { openContainers } from './containers';
import type { ContainerPorts } from './ports';

/** A signed-in developer. */
export function developer(userId: string): UserActor {
  return { userId, name: userId, role: 'developer', scopes: ['read', 'write', 'admin'], via: 'session' };
}

export const owner = developer('owner');

/**
 * The room on a real job engine, an in-memory database and a site in memory; `owner` has the container projects `prj`
 * and `other`, and the VM project `vms`.
 *
 * @param registries where images lie
 * @param further sites beside the one in memory
 * @param given ports that differ
 */
export function testContainers(
  registries: ContainerPorts['registries'],
  db = testDatabase(),
  further: readonly WorkloadSite[] = [],
  given: Partial<ContainerPorts> = {},
) {
  const events = openEvents();
  const log = pino({ level: 'silent' });
  const jobs = openJobs({ db, events, log });
  const site = openFakeWorkloadSite({ id: 'edge', name: 'Edge' });
  const names = new Set<string>();
  const kept = memorySecrets();
  const secrets = {
    ...kept,
    put: (name: string, plain: string) => {
      names.add(name);
      kept.put(name, plain);
    },
    /** Names of what was kept and not removed. */
    left: () => [...names].filter((name) => kept.has(name)),
  };
  const audited: string[] = [];
  const revoked: string[] = [];
  const projects = ['prj', 'other', 'vms'];
  const room = openContainers({
    db,
    jobs,
    events,
    log,
    secrets,
    audit: ({ action }) => audited.push(action),
    registries: {
      of: (role) => registries.of(role),
      pullAccess: (role, repositories, holder) => registries.pullAccess(role, repositories, holder),
      revokePull: (holder) => {
        revoked.push(holder);
        registries.revokePull(holder);
      },
    },
    openRegistry,
    copyArtifact,
    mayReach: () => Promise.resolve(),
    canSee: (actor, projectId) => actor.userId === 'owner' && projects.includes(projectId),
    isContainerProject: (projectId) => projectId !== 'vms' && projects.includes(projectId),
    usesOf: () => [],
    sites: siteRegistry([site, ...further]),
    targets: () => [{ id: 'edge', name: 'Edge', kind: 'kubernetes', problem: null }],
    ...given,
  });
  const server = createServer((request, response) => {
    const user = request.headers['x-user'];
    const actor: Actor = user === undefined ? guest : developer(String(user));
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const route = room.rawRoutes.find((each) => each.matches(request.method ?? '', path));
    if (!route) return response.writeHead(404).end();
    return void route.handle(request, response, actor).catch((error: unknown) => {
      const problem = asProblem(error);
      response.writeHead(problemStatus[problem.code]).end(JSON.stringify(problem.report()));
    });
  });
  const listening = new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
  return {
    room,
    db,
    jobs,
    site,
    secrets,
    audited,
    revoked,
    /** Ids of those that are there; a test may delete one. */
    projects,
    listening,
    /** Starts the engine when it is not running yet, and waits for a job. */
    done: async (job: Pick<Job, 'id'>) => {
      jobs.run();
      return await jobs.settled(job.id);
    },
    close: async () => {
      await jobs.stop();
      room.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A sender of the tus protocol, as small as it can be. */
export function tusSender(origin: string, user = 'owner') {
  const headers = { 'tus-resumable': '1.0.0', 'x-user': user };
  const encode = (values: Record<string, string>) =>
    Object.entries(values)
      .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
      .join(',');
  return {
    async create(size: number, metadata: Record<string, string>): Promise<Response> {
      return await fetch(`${origin}/api/v1/containers/uploads`, {
        method: 'POST',
        headers: { ...headers, 'upload-length': String(size), 'upload-metadata': encode(metadata) },
      });
    },
    async send(location: string, offset: number, body: Buffer, signal?: AbortSignal): Promise<Response> {
      return await fetch(origin + location, {
        method: 'PATCH',
        headers: {
          ...headers,
          'upload-offset': String(offset),
          'content-type': 'application/offset+octet-stream',
        },
        body: new Uint8Array(body),
        signal: signal ?? null,
      });
    },
    async offset(location: string): Promise<number> {
      const answer = await fetch(origin + location, { method: 'HEAD', headers });
      return Number(answer.headers.get('upload-offset'));
    },
  };
}

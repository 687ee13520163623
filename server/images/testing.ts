/** An images room on an empty database, with its routes on a real HTTP server, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { Actor, UserActor } from '../access/actor';
import { testDatabase } from '../db/testing';
import { openEvents } from '../jobs/events';
import type { Jobs } from '../jobs/job';
import { openJobs } from '../jobs/jobs';
import { openRegistry } from '../oci/open-registry';
import { asProblem, problemStatus } from '../problem';
import { openFakeSite, type FakeSite } from '../sites/fake/fake-site';
import { siteRegistry } from '../sites/registry';
import { openImages, type Images } from './images';
import type { ImagePorts } from './ports';
import type { ImageUse } from './schemas';

export const ada = user('ada', 'developer');
export const bob = user('bob', 'developer');
export const root = user('root', 'admin');

function user(name: string, role: 'developer' | 'admin'): UserActor {
  return { userId: `user-${name}`, name, role, scopes: ['read', 'write', 'admin'], via: 'session' };
}

export interface TestImages {
  dir: string;
  images: Images;
  jobs: Jobs;
  site: FakeSite;
  uses: ImageUse[];
  audited: string[];
  /** The routes' address; requests act as `actor`. */
  url: string;
  actor: Actor;
  /** Opens the room anew on the same folder and database, as a restart does. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the room. @param run whether jobs run at once */
export async function openTestImages(
  options: Partial<Pick<ImagePorts, 'registries' | 'openRegistry' | 'mayReach'>> & { run?: boolean } = {},
): Promise<TestImages> {
  const dir = mkdtempSync(join(tmpdir(), 'edgeyard-images-'));
  const db = testDatabase();
  const log = pino({ level: 'silent' });
  const site = openFakeSite({ id: 'local', images: [] });
  const uses: ImageUse[] = [];
  const audited: string[] = [];
  const secrets = new Map<string, string>();
  const open = (run: boolean) => {
    const events = openEvents();
    const jobs = openJobs({ db, events, log });
    const images = openImages({
      db,
      dir,
      jobs,
      events,
      log,
      audit: ({ actor, action }) => void audited.push(`${actor.name} ${action}`),
      canSee: (actor, projectId) => projectId === `project-${actor.name}` || projectId === 'project-shared',
      usesOf: () => uses,
      sites: () => siteRegistry([site]),
      registries: options.registries,
      openRegistry: options.openRegistry ?? ((access) => openRegistry(access)),
      mayReach: options.mayReach ?? (() => Promise.resolve()),
      secrets: {
        put: (name, plain) => void secrets.set(name, plain),
        read: (name) => secrets.get(name),
        has: (name) => secrets.has(name),
        remove: (name) => void secrets.delete(name),
      },
      allowPrivateUrls: true,
      bootTestSeconds: 360,
    });
    if (run) jobs.run();
    return { jobs, images };
  };
  const room: TestImages = {
    ...open(options.run ?? true),
    dir,
    site,
    uses,
    audited,
    url: '',
    actor: ada,
    async restart() {
      room.images.close();
      await room.jobs.stop();
      Object.assign(room, open(true));
    },
    async close() {
      room.images.close();
      await room.jobs.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dir, { recursive: true, force: true });
    },
  };
  const server = routesOf(room);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  room.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return room;
}

function routesOf(room: TestImages): Server {
  return createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const route = room.images.rawRoutes.find((each) => each.matches(request.method ?? 'GET', path));
    const answer = route?.handle(request, response, room.actor) ?? Promise.reject(new Error('no route'));
    answer.catch((error: unknown) => {
      const problem = asProblem(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(problemStatus[problem.code]).end(JSON.stringify(problem.report()));
    });
  });
}

/** Tus `Upload-Metadata` of texts. */
export function tusMetadata(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',');
}

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { guest, type UserActor } from '../access/actor';
import type { AuditedChange } from '../access/ports';
import type { RegistriesConfig } from '../config';
import { testDatabase } from '../db/testing';
import { openEvents } from '../jobs/events';
import { openJobs } from '../jobs/jobs';
import { copyArtifact } from '../oci/copy-artifact';
import { openRegistry } from '../oci/open-registry';
import { openRegistries } from './open-registries';

export const admin: UserActor = {
  userId: 'user-root',
  name: 'root',
  role: 'admin',
  scopes: ['read', 'write', 'admin'],
  via: 'session',
};

/** Secrets in memory. */
export function memorySecrets() {
  const kept = new Map<string, string>();
  return {
    put: (name: string, plain: string) => void kept.set(name, plain),
    read: (name: string) => kept.get(name),
    has: (name: string) => kept.has(name),
    remove: (name: string) => void kept.delete(name),
  };
}

/**
 * The room with a real docker-registry and a server of its own for the tokens.
 *
 * @param external registries as edgeyard.yaml sets them
 */
export async function testRegistries(external: RegistriesConfig['external'] = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'edgeyard-registries-'));
  const db = testDatabase();
  const events = openEvents();
  const log = pino({ level: 'silent' });
  const jobs = openJobs({ db, events, log });
  const secrets = memorySecrets();
  const audited: AuditedChange[] = [];
  const open = (inFile: RegistriesConfig['external']) =>
    openRegistries({
      db,
      dir,
      jobs,
      events,
      log,
      secrets,
      audit: (entry) => audited.push(entry),
      actorOf: (token) => (token === 'eyt_developer' ? { ...admin, role: 'developer' } : undefined),
      visibleTo: () => ['shared', 'projects/mine/*'],
      config: { bundled: { host: '127.0.0.1', port: 0, https: false }, external: inFile },
      openRegistry,
      copyArtifact,
    });
  const room = open(external);
  const server = createServer((request, response) => {
    const route = room.rawRoutes.find((each) =>
      each.matches(request.method ?? '', (request.url ?? '').split('?')[0] ?? ''),
    );
    void (route ? route.handle(request, response, guest) : Promise.resolve(response.end()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  room.open(baseUrl);
  jobs.run();
  return {
    room,
    dir,
    db,
    jobs,
    secrets,
    audited,
    baseUrl,
    async close() {
      await jobs.stop();
      await room.close();
      server.closeAllConnections();
      server.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

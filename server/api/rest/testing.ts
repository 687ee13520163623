import { readConfig } from '../../config';
import { guest, type Actor } from '../../access/actor';
import type { House } from '../../house';
import { openEvents } from '../../jobs/events';
import { testSites } from '../../sites/testing';
import { ada, bob, openBench, root } from '../../workbench/testing';
import { houseWith } from '../testing';
import { restApp } from './app';

/** The REST API on an in-memory house, with `Authorization: <name>` for proof of identity. */
export async function testRest() {
  const bench = await openBench();
  const readOnly: Actor = { ...ada, scopes: ['read'], via: 'token' };
  const olga: Actor = { ...bob, userId: 'user-olga', name: 'olga', role: 'operator' };
  const actors: Record<string, Actor> = { ada, bob, olga, root, readOnly };
  const events = openEvents();
  const sites = testSites({ db: bench.db, builtIn: [bench.site] });
  await sites.room.open();
  const house = houseWith({
    config: readConfig({ EDGEYARD_DATA: '/nowhere', EDGEYARD_LOG: 'silent' }),
    log: { error: () => undefined },
    db: bench.db,
    events,
    jobs: bench.jobs,
    workbench: bench.workbench,
    sites: sites.room,
    images: { mayUse: () => true },
    access: {
      actorOf: async (headers: Headers) => actors[headers.get('authorization') ?? ''] ?? guest,
      users: { get: () => undefined },
    },
    // A test that reaches a room which is not here gets a refusal by that.
  } as unknown as Partial<House>);
  const app = restApp(house);

  /** Sends a request as an actor; a body goes as JSON. */
  async function send(
    method: string,
    path: string,
    as: 'ada' | 'bob' | 'olga' | 'root' | 'readOnly' | 'guest',
    { body, headers }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    return app.request(path, {
      method,
      headers: {
        authorization: as,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }
  return { ...bench, events, sites, house, app, actors, send };
}

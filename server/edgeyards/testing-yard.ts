/** Another Edgeyard for tests: its REST API on a port, on a house with some rooms and a site in memory. */
import { getRequestListener } from '@hono/node-server';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { guest, type Actor } from '../access/actor';
import { restApp } from '../api/rest/app';
import { houseWith } from '../api/testing';
import { testDatabase } from '../db/testing';
import type { House } from '../house';
import { fakeImage, openFakeSite, type FakeSite } from '../sites/fake/fake-site';
import { openHostedStacks } from '../sites/hosted-stacks';
import { testSites } from '../sites/testing';

const operator: Actor = {
  userId: 'user-op',
  name: 'op',
  role: 'operator',
  scopes: ['read', 'write'],
  via: 'token',
};

export interface TestYard {
  url: string;
  site: FakeSite;
  /** Changes that its audit log holds, as `stack.create dep_1`. */
  audited: string[];
  /** Stops to listen, and listens again on the same port. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

const actors: Record<string, Actor> = {
  'Bearer operator-token': operator,
  'Bearer developer-token': { ...operator, role: 'developer' },
  'Bearer reading-token': { ...operator, scopes: ['read'] },
};

/**
 * Opens it. It knows the tokens `operator-token`, `developer-token` and `reading-token`; every other makes a guest.
 *
 * @param rooms further rooms of its house
 */
export async function openTestYard(rooms: Partial<House> = {}): Promise<TestYard> {
  const site = openFakeSite({ id: 'local', name: 'That machine', images: [fakeImage({ id: 'tiny' })] });
  const sites = testSites({ builtIn: [site] });
  await sites.room.open();
  const audited: string[] = [];
  const house = houseWith({
    log: pino({ level: 'silent' }),
    db: testDatabase(),
    sites: sites.room,
    hostedStacks: openHostedStacks({
      sites: sites.room.registry,
      siteId: 'local',
      mayUseImage: (_actor, imageId) => imageId !== 'somebody-elses',
      audit: ({ action, subject }) => void audited.push(`${action} ${subject.id}`),
    }),
    images: { mayUse: () => true } as unknown as House['images'],
    access: {
      actorOf: (headers: Headers) => Promise.resolve(actors[headers.get('authorization') ?? ''] ?? guest),
    } as unknown as House['access'],
    ...rooms,
  });
  const answer = getRequestListener(restApp(house).fetch);
  const server = createServer((request, response) => void answer(request, response));
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${port}`,
    site,
    audited,
    cut,
    mend: () => listen(port),
    close: async () => {
      if (server.listening) await cut();
      await sites.room.close();
    },
  };
}

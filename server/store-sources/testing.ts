import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { guest, type Actor } from '../access/actor';
import { restApp } from '../api/rest/app';
import { houseWith } from '../api/testing';
import type { House } from '../house';
import { pushImage, type TestBlob } from '../oci/testing';
import { testRelease } from '../operations/sync/testing';
import type { ContainerFacts } from '../packages/order';
import { developer, testPackages } from '../packages/testing';
import { asProblem, problemStatus } from '../problem';
import type { testRegistries } from '../registries/testing';
import { openStore } from '../store/store';
import { testStorePorts } from '../store/testing';

/** What a test server speaks: TLS with these, or nothing. */
export type ServerTls = { key: Buffer; cert: Buffer } | undefined;

/** A server on loopback. */
export async function listening(
  answer: RequestListener,
  tls?: ServerTls,
): Promise<{ server: Server; url: string }> {
  const server = tls ? createTlsServer(tls, answer) : createPlainServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}` };
}

/**
 * An Edgeyard that plays the store, as far as its API: packages, store, a real registry, and REST on a port. A request
 * with the token `reader` is a developer's that may only read.
 *
 * @param registries a room with a real registry
 */
export async function testStore(registries: Awaited<ReturnType<typeof testRegistries>>, tls?: ServerTls) {
  const dir = mkdtempSync(join(tmpdir(), 'edgeyard-far-'));
  const room = testPackages();
  const { ports } = testStorePorts(room);
  const store = openStore({
    ...ports,
    registries: registries.room,
    sourceOf: ({ digest, name }) =>
      Promise.resolve(
        digest === null ? undefined : { repository: `workbench/images/${name.split(':')[0]}`, digest },
      ),
  });
  await store.open();
  const reader: Actor = { ...developer('reader'), scopes: ['read'], via: 'token' };
  const asked: string[] = [];
  const house = houseWith({
    db: room.ports.db,
    store,
    packages: room.packages,
    registries: registries.room,
    jobs: room.jobs,
    access: {
      actorOf: (headers: Headers) => {
        const token = headers.get('authorization')?.replace('Bearer ', '') ?? headers.get('access_token');
        return Promise.resolve(token === 'reader' ? reader : guest);
      },
    },
  } as unknown as Partial<House>);
  const rest = getRequestListener(restApp(house).fetch);
  const { server, url } = await listening((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    asked.push(`${request.method} ${path}`);
    const raw = store.rawRoutes.find((each) => each.matches(request.method ?? '', path));
    if (!raw) {
      void rest(request, response);
      return;
    }
    raw.handle(request, response, guest).catch((error: unknown) => {
      response.writeHead(problemStatus[asProblem(error).code]).end();
    });
  }, tls);
  const owner = developer('owner');

  return {
    url,
    asked,
    store,
    owner,
    /** Pushes an image to the workbench, as a package names it. */
    async image(name: string, tag: string, layers: TestBlob[]): Promise<ContainerFacts['images'][number]> {
      const workbench = await registries.room.of('workbench');
      const repository = workbench.repository('images', name);
      const { digest, mediaType } = await pushImage(workbench.registry, { repository, tag }, layers);
      return { name, tag, digest, mediaType, platforms: ['linux/amd64'], size: 1000 };
    },
    /** Publishes a package of containers. */
    async publish(version: string, images: ContainerFacts['images'], name = 'web') {
      const { path, size } = await testRelease(dir, { version, images, name });
      const file = { name: `${name}.csar`, size, projectId: undefined };
      const { subject } = await room.done(await room.packages.receive(owner, file, createReadStream(path)));
      const { state, error } = await room.done(await store.publish(owner, subject.id, {}));
      if (state !== 'done') throw new Error(error?.key);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await room.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

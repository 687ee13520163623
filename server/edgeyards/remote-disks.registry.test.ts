/** Disks on another Edgeyard: its real images room behind its REST API, which fetches them from a real registry. */
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createServer, request as ask, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startRegistry } from '@/e2e/stacks/registry';
import { openDiskSource } from '../images/taken/disk-source';
import { pushTestDisk } from '../images/taken/testing-disks';
import { openTestImages } from '../images/testing';
import { openRegistry } from '../oci/open-registry';
import type { DiskSource } from '../sites/disk-cache';
import { diskCacheContract } from '../sites/disk-cache-contract';
import { openEdgeyardSite } from '../sites/edgeyard/edgeyard-site';
import { openTestYard } from './testing-yard';

/** By how many milliseconds each blob of a repository takes longer than the one before, so that a bringing has a middle. */
const slowness = 300;

/** The registry on a long way; of a repository in `broken` it gives two blobs and refuses the rest. */
function farRegistry(url: string, broken: Set<string>): Server {
  const given = new Map<string, number>();
  return createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    const [, repository] = /^\/v2\/(.+)\/blobs\//.exec(path) ?? [];
    const asked = repository === undefined ? 0 : (given.get(repository) ?? 0) + 1;
    if (repository !== undefined) given.set(repository, asked);
    if (repository !== undefined && broken.has(repository) && asked > 2) {
      const errors = [{ code: 'DENIED', message: 'not today' }];
      outgoing.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }));
      return;
    }
    const pass = () => {
      const passed = ask(
        new URL(path, url),
        { method: incoming.method, headers: { ...incoming.headers, host: new URL(url).host } },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      passed.once('error', () => outgoing.destroy());
      incoming.pipe(passed);
    };
    setTimeout(pass, asked * slowness);
  });
}

diskCacheContract('Another Edgeyard', async () => {
  const server = await startRegistry();
  const registry = openRegistry({ url: server.url });
  const broken = new Set<string>();
  const far = farRegistry(server.url, broken);
  await new Promise<void>((resolve) => far.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(far.address() as AddressInfo).port}`;
  const room = await openTestImages();
  const { images } = room;
  const yard = await openTestYard({ images, jobs: room.jobs });
  const site = openEdgeyardSite({
    id: 'site_1',
    name: 'North',
    access: { login: { url: yard.url, ca: '' }, secret: 'operator-token' },
  });
  const noRoom = {
    byArtifact: () => Promise.resolve(undefined),
    takeArtifact: () => Promise.reject(new Error('this house takes nothing in')),
    bytesToTake: () => Promise.resolve(0),
  };
  return {
    cache: site.diskCache,
    disk: async () => {
      const place = await pushTestDisk(registry, address, `operations/${randomUUID()}`);
      const pull = () => Promise.resolve({ address, plainHttp: true });
      return openDiskSource(noRoom, place, { name: 'sensor', jobId: 'job_1', pull }, undefined);
    },
    breakingOff: (disk: DiskSource) => {
      broken.add(disk.repository);
      return disk;
    },
    images: () => images.library.list(),
    use: () => {
      room.uses.push({ kind: 'stack', id: 'dep_1', name: 'sensor-1', projectId: '' });
      return Promise.resolve(() => {
        room.uses.length = 0;
        return Promise.resolve();
      });
    },
    leftovers: async ({ digest }) => {
      const held = await images.heldArtifacts([digest]);
      return [...held.values(), ...readdirSync(images.workFolder)];
    },
    close: async () => {
      await site.close();
      await yard.close();
      await room.close();
      await registry.close();
      far.closeAllConnections();
      await new Promise((resolve) => far.close(resolve));
      await server.stop();
    },
  };
});

/** A release that is at three edges already, sent there once more: beside `skopeo copy` to each of their registries. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startRegistry, type TestRegistry } from '../e2e/stacks/registry';
import { copyArtifact } from '../server/oci/copy-artifact';
import { openRegistry } from '../server/oci/open-registry';
import { pushImage, testBlob } from '../server/oci/testing';
import { tagOf } from '../server/operations/distribution/bring';
import type { EdgeRegistry } from '../server/operations/edges/edges';
import {
  memoryRegistry,
  operator,
  testDistributions,
  testEdge,
  testRelease,
} from '../server/operations/distribution/testing';
import { type FarWire, openFarWire } from './far-wire';
import type { Measure } from './measure';

const run = promisify(execFile);
const edgeCount = 3;
const rounds = 3;
const layers = 10;
const layerBytes = 10_000_000;
const repository = 'apps/camera';
const line = { roundTripMs: 50, bitsPerSecond: 100e6 };

interface Took {
  seconds: number;
  requests: number;
}

/** Measures time, and requests at all registries together. */
export async function measureRedistribute(): Promise<Measure[]> {
  return [...(await measureOn(false)), ...(await measureOn(true))];
}

async function measureOn(far: boolean): Promise<Measure[]> {
  const bench = await open(far);
  try {
    // The first time everything is sent, by us: the tags that skopeo asks for are ours.
    await bench.distribute();
    const ours: Took[] = [];
    const theirs: Took[] = [];
    for (let round = 0; round < rounds; round += 1) {
      theirs.push(await bench.counted(bench.bySkopeo));
      ours.push(await bench.counted(bench.distribute));
    }
    const best = (all: Took[]) => Math.min(...all.map((took) => took.seconds));
    const most = Math.max(...ours.map((took) => took.requests));
    const work = `unchanged release to ${edgeCount} edges${far ? ', far' : ''}`;
    return [
      {
        work: `${work}: time`,
        ours: `${best(ours).toFixed(2)} s`,
        theirs: `${best(theirs).toFixed(2)} s`,
        ratio: best(ours) / best(theirs),
        target: { atMost: 0.15 },
      },
      {
        work: `${work}: requests`,
        ours: String(most),
        theirs: String(Math.min(...theirs.map((took) => took.requests))),
        ratio: most,
        target: { atMost: edgeCount },
      },
    ];
  } finally {
    await bench.close();
  }
}

async function open(far: boolean) {
  const operations = await startRegistry();
  const own: TestRegistry[] = [];
  const wires: FarWire[] = [];
  const home = openRegistry({ url: operations.url });
  const blobs = Array.from({ length: layers }, () => testBlob(layerBytes));
  const image = await pushImage(home, { repository, tag: '1' }, blobs);
  const size = layers * layerBytes;
  const registries = new Map<string, EdgeRegistry>();
  const addresses: string[] = [];
  for (let index = 0; index < edgeCount; index += 1) {
    const registry = await startRegistry();
    own.push(registry);
    const wire = far ? await openFarWire(registry.port, line) : undefined;
    if (wire) wires.push(wire);
    const address = wire ? `127.0.0.1:${wire.port}` : registry.address;
    addresses.push(address);
    registries.set(`edge-${index}`, {
      registry: openRegistry({ url: `http://${address}` }),
      repository: (...path) => path.join('/'),
      pull: { address, plainHttp: true },
    });
  }
  const edges = addresses.map((address, index) =>
    testEdge({
      id: `edge-${index}`,
      registry: { url: `http://${address}`, prefix: '', hasPassword: false, hasPullPassword: false },
    }),
  );
  const { room, jobs, db } = testDistributions({
    edges,
    releases: [testRelease({ id: 'rel' }, [{ repository, digest: image.digest, size }])],
    home: memoryRegistry(),
    registries,
    ports: {
      copyArtifact,
      registries: {
        of: () =>
          Promise.resolve({
            role: 'operations',
            registry: home,
            repository: (...path: string[]) => path.join('/'),
            address: operations.address,
          }),
        pullAccess: () => Promise.reject(new Error('these edges fetch from their own registries')),
        revokePull: () => undefined,
        pullHolders: () => [],
      },
    },
  });
  jobs.run();
  const tag = tagOf({ tag: '1', digest: image.digest });
  const all = [operations, ...own];
  return {
    distribute: async () => {
      const { id } = await room.start(operator, {
        releaseIds: ['rel'],
        edgeIds: edges.map((edge) => edge.id),
      });
      await Promise.all(room.get(id).cells.map(({ jobId }) => jobs.settled(jobId ?? '')));
      const { state } = room.get(id);
      if (state !== 'done') throw new Error(`the distribution ended as ${state}`);
    },
    bySkopeo: async () => {
      for (const address of addresses) {
        await run('skopeo', [
          'copy',
          '--quiet',
          '--src-tls-verify=false',
          '--dest-tls-verify=false',
          `docker://${operations.address}/${repository}:1`,
          `docker://${address}/${repository}:${tag}`,
        ]);
      }
    },
    counted: async (work: () => Promise<void>): Promise<Took> => {
      for (const registry of all) registry.forget();
      const start = performance.now();
      await work();
      const seconds = (performance.now() - start) / 1000;
      return { seconds, requests: all.reduce((sum, registry) => sum + registry.requests().length, 0) };
    },
    close: async () => {
      await jobs.stop();
      db.$client.close();
      await home.close();
      for (const { registry } of registries.values()) await registry.close();
      for (const wire of wires) await wire.close();
      for (const registry of all) await registry.stop();
    },
  };
}

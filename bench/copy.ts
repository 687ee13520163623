/** An image from one registry into another, beside `skopeo copy`: both between the same two real registries. */
import { execFile, fork } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { startRegistry, type TestRegistry } from '../e2e/stacks/registry';
import type { Descriptor, Registry } from '../server/oci/oci';
import { openRegistry } from '../server/oci/open-registry';
import { type FarWire, openFarWire } from './far-wire';
import type { Measure } from './measure';

const run = promisify(execFile);
const rounds = 2;
const mega = 1_000_000;
const repository = 'bench/app';
const line = { roundTripMs: 50, bitsPerSecond: 100e6 };

interface Took {
  seconds: number;
  cpuSeconds: number;
  requests: number;
  peakMB: number;
}

interface Case {
  work: string;
  tag: string;
  /** What the target has under the name before; absent: it is empty. */
  before?: string;
  far?: boolean;
  /** Bounds of time and CPU, ours beside skopeo's. */
  time: number;
  cpu?: number;
  requests?: number;
}

const cases: Case[] = [
  { work: 'cold, 1 GB in 10 layers', tag: 'ten', time: 0.8, cpu: 1, requests: 48 },
  { work: 'unchanged, 1 GB in 10 layers', tag: 'ten', before: 'ten', time: 0.15, requests: 2 },
  { work: 'one layer of 10 changed', tag: 'ten-b', before: 'ten', time: 1 },
  { work: 'cold, 40 layers of 100 KB', tag: 'forty', time: 1 },
  { work: 'cold, one layer of 2 GB', tag: 'one', time: 1, cpu: 1 },
  { work: 'far: cold, 100 MB in 10 layers', tag: 'far', far: true, time: 1 },
  { work: 'far: unchanged, 100 MB in 10 layers', tag: 'far', before: 'far', far: true, time: 0.5 },
  { work: 'far: cold, 40 layers of 100 KB', tag: 'forty', far: true, time: 1 },
];

/** Measures time, CPU, requests at both registries, and memory. */
export async function measureCopy(): Promise<Measure[]> {
  const source = await startRegistry();
  const client = openRegistry({ url: source.url });
  try {
    await fill(client);
    const measures: Measure[] = [];
    for (const one of cases) measures.push(...(await measureCase(source, one)));
    return measures;
  } finally {
    await client.close();
    await source.stop();
  }
}

async function fill(client: Registry): Promise<void> {
  const layers = async (count: number, bytes: number) => {
    const made: Descriptor[] = [];
    for (let i = 0; i < count; i += 1) made.push(await pushLayer(client, bytes));
    return made;
  };
  const ten = await layers(10, 100 * mega);
  await pushManifest(client, 'ten', ten);
  await pushManifest(client, 'ten-b', [...ten.slice(1), ...(await layers(1, 100 * mega))]);
  await pushManifest(client, 'forty', await layers(40, 100_000));
  await pushManifest(client, 'one', await layers(1, 2000 * mega));
  await pushManifest(client, 'far', await layers(10, 10 * mega));
}

/** Gzip as layers are, for skopeo would pack others anew; stored, so that making it costs nothing. */
async function pushLayer(client: Registry, size: number): Promise<Descriptor> {
  const block = randomFillSync(Buffer.alloc(100_000));
  const bytes = Readable.from(
    (function* blocks() {
      for (let i = 0; i * block.length < size; i += 1) {
        block.writeUInt32LE(i);
        yield Buffer.from(block);
      }
    })(),
  );
  const stored = await client.streamBlob(repository, bytes.pipe(createGzip({ level: 0 })));
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...stored };
}

async function pushManifest(client: Registry, tag: string, layers: Descriptor[]): Promise<void> {
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) };
  const config = Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs, tag }));
  const stored = await client.streamBlob(repository, Readable.from([config]));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const bytes = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...stored },
    layers,
  });
  await client.putManifest(repository, tag, mediaType, Buffer.from(bytes));
}

async function measureCase(source: TestRegistry, one: Case): Promise<Measure[]> {
  const ours: Took[] = [];
  const theirs: Took[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Who comes second finds the machine as the first has left it: they take turns at that.
    if (round % 2 === 0) theirs.push(await copyOnce(source, one, bySkopeo));
    ours.push(await copyOnce(source, one, byApp));
    if (round % 2 === 1) theirs.push(await copyOnce(source, one, bySkopeo));
  }
  const best = (all: Took[], field: keyof Took) => Math.min(...all.map((took) => took[field]));
  const seconds = (time: number) => `${time.toFixed(2)} s`;
  const compared = (work: string, field: 'seconds' | 'cpuSeconds', atMost: number): Measure => ({
    work: `${one.work}: ${work}`,
    ours: seconds(best(ours, field)),
    theirs: seconds(best(theirs, field)),
    ratio: best(ours, field) / best(theirs, field),
    target: { atMost },
  });
  const count = (work: string, field: 'requests' | 'peakMB', atMost: number): Measure => ({
    work: `${one.work}: ${work}`,
    ours: Math.max(...ours.map((took) => took[field])).toFixed(0),
    theirs: field === 'requests' ? best(theirs, field).toFixed(0) : '',
    ratio: Math.max(...ours.map((took) => took[field])),
    target: { atMost },
  });
  return [
    compared('time', 'seconds', one.time),
    ...(one.cpu === undefined ? [] : [compared('CPU', 'cpuSeconds', one.cpu)]),
    count('requests', 'requests', one.requests ?? best(theirs, 'requests')),
    ...(one.cpu === undefined ? [] : [count('memory (MB)', 'peakMB', 200)]),
  ];
}

type Copy = (from: string, to: string, one: Case, begins: () => void) => Promise<Omit<Took, 'requests'>>;

/** A copy into a registry of its own, on the way the case wants. */
async function copyOnce(source: TestRegistry, one: Case, copy: Copy): Promise<Took> {
  const target = await startRegistry();
  const wires: FarWire[] = [];
  const seenAt = async (registry: TestRegistry) => {
    if (one.far !== true) return registry.address;
    const wire = await openFarWire(registry.port, line);
    wires.push(wire);
    return `127.0.0.1:${wire.port}`;
  };
  try {
    if (one.before !== undefined) {
      const name = (at: string, tag: string) => `docker://${at}/${repository}:${tag}`;
      await skopeo(name(source.address, one.before), name(target.address, one.tag));
    }
    // What was written before must not be this copy's to wait for.
    await run('sync');
    const [from, to] = [await seenAt(source), await seenAt(target)];
    const begins = () => {
      source.forget();
      target.forget();
    };
    const took = await copy(from, to, one, begins);
    return { ...took, requests: source.requests().length + target.requests().length };
  } finally {
    for (const wire of wires) await wire.close();
    await target.stop();
  }
}

/** @returns what the shell says it took */
async function skopeo(from: string, to: string): Promise<string> {
  const command = `TIMEFORMAT='%R %U %S'; time skopeo copy --quiet --src-tls-verify=false --dest-tls-verify=false '${from}' '${to}'`;
  return (await run('bash', ['-c', command])).stderr;
}

async function bySkopeo(from: string, to: string, one: Case, begins: () => void) {
  begins();
  const name = (at: string) => `docker://${at}/${repository}:${one.tag}`;
  const times = (await skopeo(name(from), name(to))).trim().split('\n').at(-1) ?? '';
  const [seconds = Number.NaN, user = 0, system = 0] = times.split(' ').map(Number);
  return { seconds, cpuSeconds: user + system, peakMB: Number.NaN };
}

async function byApp(from: string, to: string, one: Case, begins: () => void) {
  const args = [`http://${from}`, `http://${to}`, repository, one.tag, one.tag];
  const child = fork(new URL('copy-child.ts', import.meta.url), args);
  await once(child, 'message');
  begins();
  const answer = once(child, 'message');
  child.send('go');
  const [took] = (await answer) as [Omit<Took, 'requests'>];
  await once(child, 'exit');
  return took;
}

/**
 * The second version of a disk image into a registry: as pieces, beside the qcow2 file sent whole, and beside skopeo with
 * the file as one layer; over a wire of 100 Mbit/s and 50 ms. A part of the guest's blocks is changed, in runs as files leave them.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startRegistry, type TestRegistry } from '../e2e/stacks/registry';
import { blobBytes } from '../server/images/artifact/disk-config';
import { openDisk, type DiskArtifact } from '../server/images/artifact/open-disk';
import { pushDisk, type PushDisk } from '../server/images/artifact/push-disk';
import { openRawDisk } from '../server/images/artifact/read-disk';
import { digestFile } from '../server/images/digest';
import type { Registry } from '../server/oci/oci';
import { openRegistry } from '../server/oci/open-registry';
import { openFarWire } from './far-wire';
import type { Measure } from './measure';

const run = promisify(execFile);
const block = 65_536;
/** Blocks that are changed one behind the other. */
const runLength = 32;
const facts = { architecture: 'x86_64', os: 'Debian 12' } as const;

/** What one way of sending took. */
interface Sent {
  bytes: number;
  seconds: number;
  requests: number;
}

interface Bench {
  dir: string;
  server: TestRegistry;
  /** The registry from here, and behind a long wire. */
  near: Registry;
  far: Registry;
  farPort: number;
}

/** What a site in the field has. */
const wire = { roundTripMs: 50, bitsPerSecond: 100e6 };

/** Measures bytes, time and requests for 1, 5 and 20 % of the blocks. */
export async function measureDiskArtifact(guestsDir: string): Promise<Measure[]> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-disk-'));
  const server = await startRegistry();
  const long = await openFarWire(server.port, wire);
  const near = openRegistry({ url: server.url });
  const far = openRegistry({ url: `http://127.0.0.1:${long.port}` });
  const bench = { dir, server, near, far, farPort: long.port };
  try {
    const base = join(guestsDir, 'debian.qcow2');
    const measures: Measure[] = [];
    for (const percent of [1, 5, 20]) {
      const second = await secondVersion(dir, base, percent);
      // Each way begins with the first version in its repository, and nothing else.
      const before = await seed(bench, base, `disks/${percent}`);
      const ours = await pushFile(bench, second.file, before.repository, { registry: far, known: [before] });
      const blobs = await changedBytes(bench, before, ours.reference);
      const disk = await seed(bench, base, `disks/told-${percent}`);
      const since = { disk, changed: second.changed };
      const told = await pushFile(bench, second.file, disk.repository, { registry: far, since });
      const whole = await counted(bench, () => putWhole(bench, second.file, percent));
      const skopeo = await counted(bench, () => bySkopeo(bench, second.file, percent));
      const name = (what: string) => `disk, ${percent} % changed: ${what}`;
      measures.push(
        line(name('bytes, to changed pieces'), ours.sent.bytes, blobs, megabytes, 1.1),
        line(name('bytes, to qcow2'), ours.sent.bytes, whole.bytes, megabytes, 1),
        line(name('time, to qcow2'), ours.sent.seconds, whole.seconds, seconds, 1),
        line(name('time, to skopeo'), ours.sent.seconds, skopeo.seconds, seconds, 1),
        line(name('time, changes known'), told.sent.seconds, whole.seconds, seconds, 1),
        line(name('requests, to skopeo'), ours.sent.requests, skopeo.requests, String, 1000),
      );
    }
    return measures;
  } finally {
    await near.close();
    await far.close();
    await long.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
const seconds = (time: number) => `${time.toFixed(2)} s`;

function line(
  work: string,
  ours: number,
  theirs: number,
  show: (figure: number) => string,
  atMost: number,
): Measure {
  return { work, ours: show(ours), theirs: show(theirs), ratio: ours / theirs, target: { atMost } };
}

async function counted(bench: Bench, send: () => Promise<number>): Promise<Sent> {
  bench.server.forget();
  const started = performance.now();
  const bytes = await send();
  const took = (performance.now() - started) / 1000;
  return { bytes, seconds: took, requests: bench.server.requests().length };
}

async function pushFile(
  bench: Bench,
  file: string,
  repository: string,
  more: Partial<PushDisk> = {},
): Promise<{ reference: string; sent: Sent }> {
  let reference = '';
  const sent = await counted(bench, async () => {
    const disk = await openRawDisk(file, { format: 'qcow2' });
    try {
      const report = await pushDisk({ disk, facts, registry: bench.near, repository, ...more });
      reference = report.digest;
      return report.bytesSent;
    } finally {
      disk.close();
    }
  });
  return { reference, sent };
}

/**
 * Changes a part of the blocks in use, with bytes that pack as well as the disk's own: those of another block, turned by
 * one. Then packs the disk as a capture does.
 */
async function secondVersion(dir: string, base: string, percent: number) {
  const raw = join(dir, `${percent}.raw`);
  const file = join(dir, `${percent}.qcow2`);
  await run('qemu-img', ['convert', '-O', 'raw', base, raw]);
  const disk = openSync(raw, 'r+');
  const used = blocksInUse(disk, statSync(raw).size);
  const chosen = new Set<number>();
  let state = percent;
  const draw = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * used.length);
  };
  while (chosen.size < (used.length * percent) / 100) {
    const from = draw();
    for (const at of used.slice(from, from + runLength)) chosen.add(at);
  }
  const bytes = Buffer.alloc(block);
  for (const at of chosen) {
    readSync(disk, bytes, 0, block, used[draw()] ?? 0);
    writeSync(disk, Buffer.concat([bytes.subarray(1), bytes.subarray(0, 1)]), 0, block, at);
  }
  closeSync(disk);
  await run('qemu-img', [
    ...'convert -f raw -O qcow2 -c -o compression_type=zstd -m 8 -W'.split(' '),
    raw,
    file,
  ]);
  rmSync(raw);
  return { file, changed: [...chosen].map((at) => ({ at, length: block })) };
}

function blocksInUse(disk: number, size: number): number[] {
  const bytes = Buffer.alloc(block);
  const used: number[] = [];
  for (let at = 0; at < size; at += block) {
    readSync(disk, bytes, 0, block, at);
    if (bytes.some((byte) => byte !== 0)) used.push(at);
  }
  return used;
}

/** Puts the first version into a repository. */
async function seed(bench: Bench, base: string, repository: string): Promise<DiskArtifact> {
  const { reference } = await pushFile(bench, base, repository);
  return openDisk({ registry: bench.near, repository, reference });
}

/** Bytes of the changed pieces' blobs: what nobody could do with less, at this size of pieces. */
async function changedBytes(
  { near: registry }: Bench,
  before: DiskArtifact,
  reference: string,
): Promise<number> {
  const after = await openDisk({ registry, repository: before.repository, reference });
  const there = new Set(before.pieces.map(({ blob }) => blob));
  const news = after.pieces.filter(({ blob }) => !there.has(blob));
  const sizes = new Map(news.map((piece) => [piece.blob, blobBytes(piece)]));
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Sends the qcow2 file as one blob. */
async function putWhole({ far: registry }: Bench, file: string, percent: number): Promise<number> {
  const digest = `sha256:${(await digestFile(file, { signal: new AbortController().signal })).sha256}`;
  const { size } = statSync(file);
  const from = (start: number) => createReadStream(file, { start });
  return (await registry.putBlob(`whole/${percent}`, { digest, size }, from)).sent;
}

/** Sends the file with skopeo, as the one layer of an OCI image. */
async function bySkopeo({ dir, farPort }: Bench, file: string, percent: number): Promise<number> {
  const layout = join(dir, `layout-${percent}`);
  const blobs = join(layout, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (bytes: Buffer, mediaType: string) => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(blobs, hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const layer = put(readFileSync(file), 'application/vnd.oci.image.layer.v1.tar');
  const settings = {
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  };
  const config = put(json(settings), 'application/vnd.oci.image.config.v1+json');
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = put(json({ schemaVersion: 2, mediaType: type, config, layers: [layer] }), type);
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(layout, 'index.json'), json({ schemaVersion: 2, manifests: [manifest] }));
  const target = `docker://127.0.0.1:${farPort}/skopeo/${percent}:2`;
  await run('skopeo', ['copy', '--insecure-policy', '--dest-tls-verify=false', `oci:${layout}`, target]);
  return layer.size;
}

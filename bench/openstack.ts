/**
 * A VM and an image of an OpenStack cloud beside its command line client: from the request to the first picture, and
 * an image on this machine's disk. The client's own start counts, for whoever uses it waits for that, too. The cloud is
 * the one that OS_CLIENT_CONFIG_FILE names, its login `developer`.
 */
import { execFile } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { randomBytes, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { openLog } from '../server/log';
import { vncStream } from '../server/sites/openstack/console';
import { downloadImage } from '../server/sites/openstack/download-image';
import { findImage } from '../server/sites/openstack/glance';
import { openOpenStackSite } from '../server/sites/openstack/openstack-site';
import { deleteServer } from '../server/sites/openstack/servers';
import { openCloud } from '../server/sites/openstack/session';
import { testAccess } from '../server/sites/openstack/testing-login';
import type { Cloud } from '../server/sites/openstack/cloud';
import { screenshotOf } from '../server/sites/rfb-picture';
import type { Site } from '../server/sites/site';
import { medianOf, type Measure } from './measure';
import { showsSomething } from './picture';

const run = promisify(execFile);
const rounds = 3;
const imageMiB = 512;
/** `networks: none` of nova came with 2.37. */
const options = ['--os-cloud', 'developer', '--os-compute-api-version', '2.87'];
const client = (...words: string[]) => run('openstack', [...options, ...words]);
const identified = z.object({ id: z.string() });

/** What a VM takes from the request until nova calls it ACTIVE, and until its screen shows something, in seconds. */
interface Times {
  active: number;
  picture: number;
}

/** Measures what the adapter takes for a VM and for an image. */
export async function measureOpenStack(): Promise<Measure[]> {
  const access = testAccess('developer');
  const cloud = openCloud(access);
  const site = openOpenStackSite({
    id: 'bench',
    name: 'bench',
    access,
    library: {
      list: () => Promise.resolve([]),
      path: () => Promise.reject(new Error('no image of ours is asked for')),
    },
    log: openLog('silent'),
  });
  // The site's own sockets keep no process alive; a server has its port for that.
  const alive = setInterval(() => undefined, 1000);
  await site.open();
  try {
    return [...(await measureCreate(cloud, site)), await measureDownload(cloud)];
  } finally {
    await site.close();
    await cloud.close();
    clearInterval(alive);
  }
}

async function measureCreate(cloud: Cloud, site: Site): Promise<Measure[]> {
  const { flavors, images } = await site.offers({});
  const flavor = flavors[0];
  const image = images.find(({ name }) => name === 'tiny');
  if (!flavor || !image) throw new Error('the cloud has no flavor, or no image named tiny');
  // The first server of a host fetches the image to it, which is no matter of who asks.
  await siteTimes(site, flavor.id, image.id);
  const ours: Times[] = [];
  const theirs: Times[] = [];
  for (let round = 0; round < rounds; round += 1) {
    theirs.push(await clientTimes(cloud, flavor.id, image.id));
    ours.push(await siteTimes(site, flavor.id, image.id));
  }
  return [
    compared('OpenStack: create → ACTIVE', pick(ours, 'active'), pick(theirs, 'active'), 1.1),
    compared('OpenStack: create → first picture', pick(ours, 'picture'), pick(theirs, 'picture'), 1.1),
  ];
}

function pick(times: Times[], name: keyof Times): number[] {
  return times.map((each) => each[name]);
}

async function siteTimes(site: Site, flavorId: string, imageId: string): Promise<Times> {
  const vmId = `bench-${randomUUID().slice(0, 8)}`;
  const started = performance.now();
  const vm = await site.vms.create(
    {
      vmId,
      jobId: vmId,
      name: vmId,
      flavor: { id: flavorId },
      imageId,
      network: { id: 'none', forwards: [] },
      seed: { hostname: vmId, sshKeys: [], userData: undefined },
    },
    {},
  );
  try {
    const active = secondsSince(started);
    await firstPicture(async () => (await site.screens?.screenshot(vm.ref)) ?? Buffer.alloc(0));
    return { active, picture: secondsSince(started) };
  } finally {
    await site.vms.delete(vm.ref, { vmId });
  }
}

async function clientTimes(cloud: Cloud, flavorId: string, imageId: string): Promise<Times> {
  const started = performance.now();
  const { stdout } = await client(
    'server',
    'create',
    '--wait',
    '-f',
    'json',
    '--flavor',
    flavorId,
    '--image',
    imageId,
    '--nic',
    'none',
    '--use-config-drive',
    `bench-${randomUUID().slice(0, 8)}`,
  );
  const { id } = identified.parse(JSON.parse(stdout.slice(stdout.indexOf('{'))));
  try {
    const active = secondsSince(started);
    await firstPicture(() => screenshotOf(() => vncStream(cloud, id)));
    return { active, picture: secondsSince(started) };
  } finally {
    await deleteServer(cloud, id);
  }
}

async function firstPicture(take: () => Promise<Buffer>): Promise<void> {
  for (;;) {
    const png = await take();
    if (png.length > 0 && showsSomething(png)) return;
    await wait(20);
  }
}

async function measureDownload(cloud: Cloud): Promise<Measure> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-'));
  const id = await addImage(dir);
  try {
    const image = await findImage(cloud, id, undefined);
    if (!image) throw new Error('the image that was just stored is gone');
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const target = join(dir, 'image');
      theirs.push(await seconds(() => client('image', 'save', '--file', target, id)));
      rmSync(target);
      ours.push(await seconds(() => downloadImage(cloud, image, target, {})));
      rmSync(target);
    }
    return compared(`glance → file of ${imageMiB} MiB, MD5 and SHA-256`, ours, theirs, 1);
  } finally {
    rmSync(dir, { recursive: true, force: true });
    await client('image', 'delete', id);
  }
}

/** Stores random bytes, which nothing on the way can compress. @returns glance's id */
async function addImage(dir: string): Promise<string> {
  const source = join(dir, 'source');
  await pipeline(Readable.from(randomPieces()), createWriteStream(source));
  const { stdout } = await client(
    'image',
    'create',
    '-f',
    'json',
    '--disk-format',
    'raw',
    '--container-format',
    'bare',
    '--file',
    source,
    `bench-${randomUUID().slice(0, 8)}`,
  );
  rmSync(source);
  return identified.parse(JSON.parse(stdout.slice(stdout.indexOf('{')))).id;
}

function* randomPieces(): Generator<Buffer> {
  for (let piece = 0; piece < imageMiB; piece += 1) yield randomBytes(2 ** 20);
}

function compared(work: string, ours: number[], theirs: number[], atMost: number): Measure {
  const [mine, other] = [medianOf(ours), medianOf(theirs)];
  return {
    work,
    ours: `${mine.toFixed(2)} s`,
    theirs: `${other.toFixed(2)} s`,
    ratio: mine / other,
    target: { atMost },
  };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return secondsSince(started);
}

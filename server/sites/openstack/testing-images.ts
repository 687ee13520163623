/** What the tests of images need of a real cloud: images of unmistakable content, and a small server. */
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { ImageLibrary } from '../image-library';
import type { GuestImage } from '../site';
import type { Cloud } from './cloud';
import { deleteImage, listImages, lookUntil } from './glance';
import { contentKey } from './image-offers';

/** Images that no other test has, in a folder of their own. */
export interface ImageBench {
  dir: string;
  library: ImageLibrary;
  /** Adds an image to the library. */
  add(format: 'qcow2' | 'raw', path: string, facts?: Partial<GuestImage>): GuestImage;
  /** A raw image of random bytes. */
  random(size: number): GuestImage;
  /** The tiny guest with a few bytes behind its end: it boots, and its digest is new. */
  guest(): GuestImage;
  /** Removes the copies from the cloud, and the folder. */
  end(cloud: Cloud): Promise<void>;
}

/** Opens an empty library. */
export function imageBench(): ImageBench {
  const dir = mkdtempSync(join(tmpdir(), 'edgeyard-images-'));
  const held = new Map<string, { image: GuestImage; path: string; format: 'qcow2' | 'raw'; md5: string }>();
  const library: ImageLibrary = {
    list: () => Promise.resolve([...held.values()].map(({ image }) => image)),
    path: (id) => {
      const found = held.get(id);
      return found ? Promise.resolve(found) : Promise.reject(new Error(`no image ${id}`));
    },
  };
  const add: ImageBench['add'] = (format, path, facts = {}) => {
    const bytes = readFileSync(path);
    const id = `img_${randomBytes(5).toString('hex')}`;
    const image: GuestImage = {
      id,
      name: `images-test-${id}`,
      os: undefined,
      architecture: 'x86_64',
      format: format === 'qcow2' ? 'qcow2' : 'other',
      size: bytes.length,
      virtualSize: bytes.length,
      minMemoryMiB: 0,
      minDiskGiB: 1,
      cloudInit: false,
      login: undefined,
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      ours: true,
      ...facts,
    };
    held.set(id, { image, path, format, md5: createHash('md5').update(bytes).digest('hex') });
    return image;
  };
  return {
    dir,
    library,
    add,
    random(size) {
      const path = join(dir, `${randomBytes(5).toString('hex')}.raw`);
      writeFileSync(path, randomBytes(size));
      return add('raw', path);
    },
    guest() {
      const guests = process.env['EDGEYARD_GUESTS'] ?? '.cache/guests';
      const path = join(dir, `${randomBytes(5).toString('hex')}.qcow2`);
      copyFileSync(join(guests, 'tiny.qcow2'), path);
      // QEMU passes over what lies behind the last cluster it knows.
      appendFileSync(path, randomBytes(64));
      return add('qcow2', path, { os: 'tiny', login: 'root', cloudInit: true, virtualSize: 2 ** 27 });
    },
    async end(cloud) {
      for (const { image } of held.values()) {
        for (const { id } of await copiesInAnyState(cloud, image)) await deleteImage(cloud, id, undefined);
      }
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Everything in the cloud that says it is this image. */
export function copiesInAnyState(cloud: Cloud, image: GuestImage): ReturnType<typeof listImages> {
  return listImages(cloud, { edgeyard_digest: contentKey(image) }, undefined);
}

const serverSchema = z.object({ server: z.object({ id: z.string(), status: z.string() }) });

/** Makes the smallest server without a network, and waits until it is in a state. */
export async function testServer(cloud: Cloud, imageId: string): Promise<string> {
  const flavors = await cloud.list({
    service: 'compute',
    path: '/flavors/detail',
    key: 'flavors',
    schema: z.object({ id: z.string(), ram: z.number(), disk: z.number() }),
  });
  const [smallest] = flavors.filter(({ disk }) => disk > 0).sort((one, other) => one.ram - other.ram);
  const { server } = await cloud.ask({
    service: 'compute',
    method: 'POST',
    path: '/servers',
    body: {
      server: { name: 'images-test', imageRef: imageId, flavorRef: smallest?.id, networks: 'none' },
    },
    schema: z.object({ server: z.object({ id: z.string() }) }),
  });
  await serverIs(cloud, server.id, 'ACTIVE');
  return server.id;
}

/** Waits until a server has a status. @throws Error when it fails instead */
export function serverIs(cloud: Cloud, id: string, status: string): Promise<true> {
  return lookUntil(async () => {
    const path = `/servers/${id}`;
    const { server } = await cloud.ask({ service: 'compute', path, schema: serverSchema });
    if (server.status === 'ERROR') throw new Error(`server ${id} is in ERROR`);
    return server.status === status ? true : undefined;
  }, AbortSignal.timeout(120_000));
}

/** Asks nova for an action of a server. */
export function serverAction(cloud: Cloud, id: string, body: Record<string, unknown>): Promise<void> {
  return cloud.send({ service: 'compute', method: 'POST', path: `/servers/${id}/action`, body });
}

/** Removes a server and waits until it is gone. */
export async function removeServer(cloud: Cloud, id: string): Promise<void> {
  const path = `/servers/${id}`;
  await cloud.send({ service: 'compute', method: 'DELETE', path });
  await lookUntil(
    async () => ((await cloud.find({ service: 'compute', path, schema: serverSchema })) ? undefined : true),
    AbortSignal.timeout(60_000),
  );
}

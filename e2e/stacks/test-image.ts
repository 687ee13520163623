import { execFileSync } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Dispatcher, Agent, request } from 'undici';
import { type Blob, packImage, type PackedImage } from './pack-image';

export interface TestImageOptions {
  /** What its web server answers: the last layer, all that differs between two versions. */
  version?: string;
  /** Bytes of a layer that all versions share; 2 MiB unless told. Random ones, which do not compress. */
  sharedBytes?: number;
  /** Another content of the shared layer, for an image that no registry and no node has any part of. */
  seed?: string;
}

/**
 * The image of the tests: /server (see test-image.c; the entry point, a web server on port 8080), a big shared
 * layer, and /version.txt, which the server answers. Made without network and without a container engine; the same
 * options give the same digests.
 */
export function testImage({
  version = '1',
  sharedBytes = 2 ** 21,
  seed = '',
}: TestImageOptions = {}): PackedImage {
  return packImage(
    [
      [{ path: 'server', content: readFileSync(serverProgram()), mode: 0o755 }],
      [{ path: 'shared.bin', content: randomBytesOf(seed, sharedBytes) }],
      [{ path: 'version.txt', content: Buffer.from(`edgeyard test image, version ${version}\n`) }],
    ],
    { entrypoint: ['/server'], exposedPort: 8080 },
  );
}

/** Where an image goes in a registry. */
export interface PushTarget {
  /** `http://host:port` or `https://…` */
  url: string;
  repository: string;
  tag: string;
  /** The authority of the registry's certificate, as PEM. */
  ca?: string;
  /** `Basic …` or `Bearer …` */
  authorization?: string;
}

/** Pushes an image by the registry's own protocol; blobs that are there already are pushed again. */
export async function pushImage(image: PackedImage, target: PushTarget): Promise<void> {
  const dispatcher = new Agent({ connect: { ca: target.ca } });
  try {
    for (const blob of [image.config, ...image.layers]) await pushBlob(blob, target, dispatcher);
    await send(dispatcher, target, {
      method: 'PUT',
      path: `/v2/${target.repository}/manifests/${target.tag}`,
      body: image.manifest.content,
      type: image.manifest.mediaType,
    });
  } finally {
    await dispatcher.close();
  }
}

/** One POST for the address of the upload, one PUT with all of it. */
async function pushBlob(blob: Blob, target: PushTarget, dispatcher: Dispatcher): Promise<void> {
  const path = `/v2/${target.repository}/blobs/uploads/`;
  const location = await send(dispatcher, target, { method: 'POST', path });
  const upload = new URL(location, target.url);
  upload.searchParams.set('digest', blob.digest);
  await send(dispatcher, target, {
    method: 'PUT',
    path: `${upload.pathname}${upload.search}`,
    body: blob.content,
    type: 'application/octet-stream',
  });
}

interface Sent {
  method: 'POST' | 'PUT';
  path: string;
  body?: Buffer;
  type?: string;
}

/** Returns the answer's Location. */
async function send(
  dispatcher: Dispatcher,
  target: PushTarget,
  { method, path, body, type }: Sent,
): Promise<string> {
  const answer = await request(new URL(path, target.url), {
    dispatcher,
    method,
    body,
    headers: {
      ...(type !== undefined && { 'content-type': type }),
      ...(target.authorization !== undefined && { authorization: target.authorization }),
    },
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${String(answer.statusCode)} ${text}`);
  const { location } = answer.headers;
  return typeof location === 'string' ? location : '';
}

/** Compiles the server when its source has changed since; the compiler is one that Edgeyard's own installation needs. */
function serverProgram(): string {
  const source = fileURLToPath(new URL('test-image.c', import.meta.url));
  const folder = fileURLToPath(new URL('../../.cache/test-image', import.meta.url));
  const program = join(folder, createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16));
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const fresh = `${program}.${String(process.pid)}`;
  execFileSync('gcc', ['-static', '-Os', '-s', '-Wall', '-o', fresh, source]);
  // Whole at once: another test file may look for it at the same moment.
  renameSync(fresh, program);
  return program;
}

function randomBytesOf(seed: string, count: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(count));
}

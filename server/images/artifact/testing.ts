/** A registry in memory that counts what it is asked, and disks made of a buffer, for tests of disk artifacts. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  RegistryError,
  type Descriptor,
  type ImageManifest,
  type IndexManifest,
  type Registry,
} from '@/server/oci/oci';
import { digestOf } from './disk-manifest';
import type { RawDisk } from './read-disk';
import { clusterSize, isZero } from './zstd';

export interface MemoryRegistry extends Registry {
  /** `repository@digest` → bytes. */
  blobs: Map<string, Buffer>;
  /** What was asked since this was emptied: method and digest or name. */
  asked: string[];
  /** Called before a blob is taken; may throw. */
  beforePut: () => void;
}

/** Opens an empty registry. It keeps what the specification asks: no manifest without its blobs, no wrong digest. */
export function memoryRegistry(): MemoryRegistry {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, { mediaType: string; bytes: Buffer }>();
  const asked: string[] = [];
  const unused = () => Promise.reject(new RegistryError('unsupported', 'not in this test'));
  const registry: MemoryRegistry = {
    url: 'memory:',
    blobs,
    asked,
    beforePut: () => undefined,
    ping: () => Promise.resolve(),
    head: (repository, reference) => {
      const found = manifests.get(`${repository}@${reference}`);
      return Promise.resolve(found && describe(found));
    },
    manifest: (repository, reference) => {
      const found = manifests.get(`${repository}@${reference}`);
      if (!found) return Promise.resolve(undefined);
      return Promise.resolve({ descriptor: describe(found), bytes: found.bytes, manifest: parse(found) });
    },
    putManifest(repository, reference, mediaType, bytes) {
      asked.push(`putManifest ${reference}`);
      const manifest = parse({ mediaType, bytes });
      const needed = manifest.kind === 'image' ? [manifest.config, ...manifest.layers] : manifest.manifests;
      const there = ({ digest }: Descriptor) =>
        blobs.has(`${repository}@${digest}`) || manifests.has(`${repository}@${digest}`);
      if (!needed.every(there)) return Promise.reject(new RegistryError('refused', 'MANIFEST_BLOB_UNKNOWN'));
      const stored = { mediaType, bytes };
      manifests.set(`${repository}@${reference}`, stored);
      manifests.set(`${repository}@${digestOf(bytes)}`, stored);
      return Promise.resolve(describe(stored));
    },
    hasBlob: (repository, digest) => Promise.resolve(blobs.get(`${repository}@${digest}`)?.length),
    blob(repository, digest, { range } = {}) {
      asked.push(`blob ${digest}`);
      const found = blobs.get(`${repository}@${digest}`);
      if (!found) return Promise.reject(new RegistryError('notFound', digest));
      const part = range ? found.subarray(range.from, range.to + 1) : found;
      return Promise.resolve(Readable.from([part], { objectMode: false }));
    },
    async putBlob(repository, { digest, size }, from, call) {
      call?.signal?.throwIfAborted();
      asked.push(`putBlob ${digest}`);
      if (blobs.has(`${repository}@${digest}`)) return { sent: 0 };
      registry.beforePut();
      const bytes = await buffer(await from(0));
      if (bytes.length !== size || digestOf(bytes) !== digest) throw new RegistryError('wrongDigest', digest);
      blobs.set(`${repository}@${digest}`, bytes);
      return { sent: size };
    },
    mount(repository, digest, fromRepository) {
      asked.push(`mount ${digest}`);
      const found = blobs.get(`${fromRepository}@${digest}`);
      if (found) blobs.set(`${repository}@${digest}`, found);
      return Promise.resolve(found !== undefined);
    },
    streamBlob: unused,
    tags: unused,
    repositories: unused,
    referrers: unused,
    deleteManifest: unused,
    close: () => Promise.resolve(),
  };
  return registry;
}

function describe({ mediaType, bytes }: { mediaType: string; bytes: Buffer }): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

function parse({ mediaType, bytes }: { mediaType: string; bytes: Buffer }): ImageManifest | IndexManifest {
  const told = JSON.parse(bytes.toString('utf8')) as Partial<ImageManifest> & Partial<IndexManifest>;
  const { artifactType } = told;
  const common = { mediaType, artifactType, subject: undefined, annotations: {} };
  if (told.manifests) return { ...common, kind: 'index', manifests: told.manifests };
  if (!told.config) throw new RegistryError('refused', 'MANIFEST_INVALID');
  return { ...common, kind: 'image', config: told.config, layers: told.layers ?? [] };
}

/** A disk that is a buffer, and counts the bytes that are read of it. */
export function bufferDisk(
  bytes: Buffer,
): Pick<RawDisk, 'virtualSize' | 'read' | 'used'> & { bytesRead: number } {
  const disk = {
    virtualSize: bytes.length,
    bytesRead: 0,
    read(at: number, length: number) {
      disk.bytesRead += length;
      return Promise.resolve(Buffer.from(bytes.subarray(at, at + length)));
    },
    used() {
      const ranges = [];
      for (let at = 0; at < bytes.length; at += clusterSize) {
        const length = Math.min(clusterSize, bytes.length - at);
        if (!isZero(bytes.subarray(at, at + length))) ranges.push({ at, length });
      }
      return Promise.resolve(ranges);
    },
  };
  return disk;
}

/** Bytes that look random and are the same every time. */
export function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed * 2654435761 + 1;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

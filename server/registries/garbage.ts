import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { link, lstat, mkdir, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BundledPaths } from './bundled-process';
import { endRecorded, recordChild } from './child-record';

/** Blobs younger than this are kept whatever refers to them: they may belong to a push whose manifest comes last. */
const youngMs = 86_400_000;

interface StoredBlob {
  /** `ab/ab…`, below the folder of blobs. */
  name: string;
  file: string;
  size: number;
  changedAt: number;
}

const blobsOf = (paths: BundledPaths) => join(paths.contents, 'docker/registry/v2/blobs/sha256');

/** Every blob on disk, one after the other. */
async function* storedBlobs(paths: BundledPaths): AsyncGenerator<StoredBlob> {
  const root = blobsOf(paths);
  for (const first of await readdir(root).catch(() => [])) {
    for (const digest of await readdir(join(root, first)).catch(() => [])) {
      const file = join(root, first, digest, 'data');
      const stat = await lstat(file).catch(() => undefined);
      if (stat?.isFile()) {
        yield { name: `${first}/${digest}`, file, size: stat.size, changedAt: stat.mtimeMs };
      }
    }
  }
}

/**
 * Bytes of the blobs that a role's repositories name, each counted once. What roles share is in the sum of each.
 *
 * @param role first part of the repositories' names
 */
export async function bytesOfRole(paths: BundledPaths, role: string): Promise<number> {
  const root = join(paths.contents, 'docker/registry/v2/repositories', role);
  const names = await readdir(root, { recursive: true }).catch(() => []);
  const linkFile = /\/_(?:layers|manifests\/revisions)\/sha256\/([0-9a-f]{64})\/link$/;
  const digests = new Set(names.flatMap((name) => linkFile.exec(`/${name}`)?.[1] ?? []));
  let bytes = 0;
  for (const hex of digests) {
    // A blob that was collected leaves its link behind.
    bytes +=
      (await lstat(join(blobsOf(paths), hex.slice(0, 2), hex, 'data')).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}

/** Bytes of all blobs of the bundled registry. */
export async function storedBytes(paths: BundledPaths): Promise<number> {
  let bytes = 0;
  for await (const { size } of storedBlobs(paths)) bytes += size;
  return bytes;
}

/**
 * Sets the young blobs aside by a second name of the same file, so that the collection, which knows no age, cannot take
 * them for good. Costs no space and is as safe as the file system's link.
 *
 * @param now milliseconds since 1970
 */
export async function holdYoung(paths: BundledPaths, now: number, signal: AbortSignal): Promise<void> {
  await rm(paths.held, { recursive: true, force: true });
  await mkdir(paths.held, { mode: 0o700 });
  for await (const { name, file, changedAt } of storedBlobs(paths)) {
    signal.throwIfAborted();
    if (changedAt > now - youngMs) await link(file, join(paths.held, name.replace('/', '-')));
  }
}

/**
 * Puts back what was set aside and is missing now. Also after a crash, before the registry starts.
 *
 * @returns bytes put back: nothing refers to them, and they are too young to go
 */
export async function giveBack(paths: BundledPaths): Promise<number> {
  if (!existsSync(paths.held)) return 0;
  let bytes = 0;
  for (const entry of await readdir(paths.held)) {
    const folder = join(blobsOf(paths), entry.slice(0, 2), entry.slice(3));
    if (existsSync(join(folder, 'data'))) continue;
    await mkdir(folder, { recursive: true, mode: 0o755 });
    await link(join(paths.held, entry), join(folder, 'data'));
    bytes += (await lstat(join(folder, 'data'))).size;
  }
  await rm(paths.held, { recursive: true, force: true });
  return bytes;
}

/** Makes blobs old, because what referred to them was deleted on purpose: they need not wait. */
export async function makeOld(paths: BundledPaths, digests: readonly string[]): Promise<void> {
  for (const digest of digests) {
    const hex = digest.replace('sha256:', '');
    const file = join(blobsOf(paths), hex.slice(0, 2), hex, 'data');
    await utimes(file, 0, 0).catch(() => undefined);
  }
}

/**
 * Runs docker-registry's own collection. Manifests without a tag stay: what we keep is addressed by digest, and
 * version 2.8 would also take the untagged members of an index that is in use (`--delete-untagged`).
 *
 * @throws the error of the program, with its words
 */
export async function collect(paths: BundledPaths, signal: AbortSignal): Promise<void> {
  // Before the first push there is nothing, which the program takes for an error.
  if (!existsSync(join(paths.contents, 'docker/registry/v2/repositories'))) return;
  const running = promisify(execFile)('docker-registry', ['garbage-collect', paths.config], {
    signal,
    maxBuffer: 256 * 1024 * 1024,
    env: { PATH: process.env['PATH'], LANG: 'C' } as unknown as NodeJS.ProcessEnv,
  });
  const { pid } = running.child;
  if (pid !== undefined) recordChild(paths.collector, pid);
  try {
    await running;
  } finally {
    // Killed or not: none may be left that deletes while the registry takes pushes again.
    await endRecorded(paths.collector);
  }
}

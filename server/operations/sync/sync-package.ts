import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StepContext } from '../../jobs/job';
import type { PackageFiles } from '../../packages/package-files';
import { Problem } from '../../problem';
import type { CatalogueRows, ReleaseRow } from './catalogue-rows';
import type { HeldPackages } from './held-packages';
import type { NamedImage, StoreSource } from './store-source';
import type { SyncedImages } from './synced-images';

/** Bytes that stay free whatever is synced: running guests write to the same disk. */
const reservedBytes = 512 * 2 ** 20;

/** What the store was asked, and what came. */
export interface Asked {
  /** Package and images are here and in the registry as the store has them. */
  unchanged: boolean;
  /** `sha256:…` of the package. */
  digest: string;
  size: number;
  moved: number;
  kept: number;
}

/** What a look into the package found. */
export interface Verified {
  proof: 'verified' | 'signed';
  images: NamedImage[];
}

/**
 * Asks what the package is at the store, by its digest alone where the store tells one, and downloads it unless the
 * same bytes are here. May be run again after a crash.
 *
 * @throws Problem `sync.errors.*`, `no_space`
 */
export async function askPackage({
  source,
  row,
  step,
  held,
  images,
  rows,
}: {
  source: StoreSource;
  row: ReleaseRow;
  step: StepContext;
  held: HeldPackages;
  images: SyncedImages;
  rows: CatalogueRows;
}): Promise<Asked> {
  const digest = await source.digest(row, step);
  // Another release, or another store, may have brought the same bytes.
  const known = digest !== undefined && rows.holding(digest).length > 0;
  const found = known ? await held.found(digest, step.signal) : undefined;
  if (found !== undefined && found.digest === digest) {
    const unchanged =
      row.heldDigest === digest &&
      row.images.every(({ artifact }) => artifact !== null) &&
      (await images.allThere(row.images, step.signal));
    if (!unchanged) step.log({ key: 'sync.log.samePackage', params: { ...found } });
    return { unchanged, ...found, moved: 0, kept: found.size };
  }
  await held.dropPart(row.id);
  const target = held.partOf(row.id);
  await requireRoom(dirname(target), row.size);
  const started = performance.now();
  await source.download(row, target, {
    signal: step.signal,
    progress: (done, total) => step.progress({ done, total, unit: 'bytes' }),
  });
  const came = await held.measure(row.id, step.signal);
  if (digest !== undefined && came.digest !== digest) {
    throw new Problem('failed', 'sync.errors.digestDiffers', { expected: digest, found: came.digest });
  }
  step.log({ key: 'sync.log.downloaded', params: { ...came, ms: Math.round(performance.now() - started) } });
  return { unchanged: false, ...came, moved: came.size, kept: 0 };
}

/**
 * Proves every file of what was downloaded against the package's own manifest, and the manifest against its
 * signature where it has one.
 *
 * @throws Problem `failed` that names the file, and the download is removed; `invalid` for what is no package
 */
export async function verifyPackage({
  row,
  asked,
  step,
  held,
  packages,
  signersOf,
}: {
  row: ReleaseRow;
  asked: Asked;
  step: StepContext;
  held: HeldPackages;
  packages: PackageFiles;
  signersOf: (storeId: string) => string;
}): Promise<Verified> {
  // One that was here already was proved when it came; its images must be known all the same.
  const path = asked.moved > 0 ? held.partOf(row.id) : held.pathOf(asked.digest);
  const seen = await packages.read(path, {
    signers: signersOf(row.storeId),
    signal: step.signal,
    onBytes: (done, total) => step.progress({ done, total, unit: 'bytes' }),
  });
  if (seen.against !== undefined) {
    const { rule, params, file } = seen.against;
    await held.dropPart(row.id);
    throw new Problem('failed', 'sync.errors.unverified', { rule, file: String(params.path ?? file) });
  }
  step.log({
    key: 'sync.log.verified',
    params: { files: seen.files.filter(({ hash }) => hash !== null).length },
  });
  if (seen.signature === 'wrong') {
    await held.dropPart(row.id);
    throw new Problem('failed', 'sync.errors.signatureWrong');
  }
  if (seen.signature !== 'none') step.log({ key: `sync.log.signature.${seen.signature}`, params: {} });
  const images = seen.images.map(({ name, version, digest, location, platforms, mode }) => ({
    name,
    version,
    digest,
    location,
    platforms,
    mode,
  }));
  return { proof: seen.signature === 'trusted' ? 'signed' : 'verified', images };
}

/** @throws Problem `no_space` with the numbers, before the first byte */
async function requireRoom(dir: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  const usable = Math.max(0, bavail * bsize - reservedBytes);
  if (needed > usable) throw new Problem('no_space', 'sync.errors.noRoom', { needed, usable });
}

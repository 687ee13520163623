import { dirname } from 'node:path';
import { requireRoom } from '../../disk-space';
import type { StepContext } from '../../jobs/job';
import type { PackageFiles } from '../../packages/package-files';
import { Problem } from '../../problem';
import type { CatalogueRows, ReleaseRow } from './catalogue-rows';
import type { HeldPackages } from './held-packages';
import type { NamedImage, StoreSource } from './store-source';
import type { SyncedImages } from './synced-images';

/** What the store was asked, and what came. */
export interface Asked {
  /** Package and images are here and in the registry as the store has them. */
  unchanged: boolean;
  /** It lies where it was downloaded to; else it was here already. */
  inPart: boolean;
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
 * same bytes are here; a part of them that an earlier try brought is taken up. May be run again after a crash.
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
  signersOf,
}: {
  source: StoreSource;
  row: ReleaseRow;
  step: StepContext;
  held: HeldPackages;
  images: SyncedImages;
  rows: CatalogueRows;
  signersOf: (storeId: string) => string;
}): Promise<Asked> {
  const digest = await source.digest(row, step);
  // Another release, or another store, may have brought the same bytes.
  const known = digest !== undefined && rows.holding(digest).length > 0;
  const found = known ? await held.found(digest, step.signal) : undefined;
  if (found !== undefined && found.digest === digest) {
    const unchanged =
      row.heldDigest === digest &&
      // Signers may have been named since.
      (row.proof === 'signed' || signersOf(row.storeId) === '') &&
      row.images.every(({ artifact }) => artifact !== null) &&
      (await images.allThere(row.images, step.signal));
    if (!unchanged) step.log({ key: 'sync.log.samePackage', params: { ...found } });
    return { unchanged, inPart: false, ...found, moved: 0, kept: found.size };
  }
  // What came of other bytes than those that are there now.
  await held.dropParts(row.id, digest);
  return { unchanged: false, inPart: true, ...(await receive({ source, row, step, held, digest })) };
}

/** Downloads what is not here yet, and proves the whole against the digest that the store told. */
async function receive(parts: {
  source: StoreSource;
  row: ReleaseRow;
  step: StepContext;
  held: HeldPackages;
  digest: string | undefined;
}): Promise<Pick<Asked, 'digest' | 'size' | 'moved' | 'kept'>> {
  const { source, row, step, held, digest } = parts;
  const part = { releaseId: row.id, digest };
  const target = held.partOf(part);
  const had = await held.sizeOf(part);
  await requireRoom(dirname(target), row.size - had, 'sync.errors.noRoom');
  const started = performance.now();
  if (had > 0) step.log({ key: 'sync.log.resumed', params: { had, size: row.size } });
  if (had === 0 || had !== row.size) {
    await source.download(row, target, {
      signal: step.signal,
      progress: (done, total) => step.progress({ done, total, unit: 'bytes' }),
    });
  }
  const came = await held.measure(part, step.signal);
  if (digest === undefined || came.digest === digest) {
    const ms = Math.round(performance.now() - started);
    step.log({ key: 'sync.log.downloaded', params: { ...came, ms } });
    // A store that cannot give the rest alone has sent all of it.
    const kept = Math.min(had, came.size);
    return { ...came, moved: came.size - kept, kept };
  }
  await held.dropParts(row.id);
  if (had === 0)
    throw new Problem('failed', 'sync.errors.digestDiffers', { expected: digest, found: came.digest });
  // A machine that lost its power may have kept a file's length and not its bytes.
  step.log({ key: 'sync.log.partUseless', params: { had } });
  return await receive(parts);
}

/**
 * Proves every file of what was downloaded against the package's own manifest, and the manifest against its
 * signature where it has one.
 *
 * @throws Problem `failed` that names the file; `invalid` for what is no package; `gone` when it is not there any more
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
  const part = { releaseId: row.id, digest: asked.digest };
  if (asked.inPart && (await held.sizeOf(part)) === 0) throw new Problem('gone', 'sync.errors.lost');
  const path = whereIs(held, row, asked);
  const signers = signersOf(row.storeId);
  const seen = await packages.read(path, {
    signers,
    signal: step.signal,
    onBytes: (done, total) => step.progress({ done, total, unit: 'bytes' }),
  });
  if (seen.against !== undefined) {
    const { rule, params, file } = seen.against;
    throw new Problem('failed', 'sync.errors.unverified', { rule, file: String(params.path ?? file) });
  }
  step.log({
    key: 'sync.log.verified',
    params: { files: seen.files.filter(({ hash }) => hash !== null).length },
  });
  if (seen.signature === 'wrong') throw new Problem('failed', 'sync.errors.signatureWrong');
  if (signers !== '' && seen.signature !== 'trusted')
    throw new Problem('failed', 'sync.errors.notSigned', { signature: seen.signature });
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

/** Path of the package that is being synced. */
export const whereIs = (
  held: HeldPackages,
  { id }: Pick<ReleaseRow, 'id'>,
  { inPart, digest }: Pick<Asked, 'inPart' | 'digest'>,
): string => (inPart ? held.partOf({ releaseId: id, digest }) : held.pathOf(digest));

/** A held package as it lies here, or what is wrong with it. */
export type Held = { path: string; size: number; sha256: string; damage?: undefined } | { damage: Problem };

/** Proves the package that a release holds against its digest. */
export async function proveHeld(
  { name, version, heldDigest }: Pick<ReleaseRow, 'name' | 'version' | 'heldDigest'>,
  held: HeldPackages,
  signal?: AbortSignal,
): Promise<Held> {
  if (heldDigest === null)
    return { damage: new Problem('conflict', 'sync.errors.notHeld', { name, version }) };
  const found = await held.found(heldDigest, signal);
  if (found === undefined) return { damage: new Problem('failed', 'sync.errors.gone', { name, version }) };
  if (found.digest !== heldDigest) {
    const params = { name, version, expected: heldDigest, found: found.digest };
    return { damage: new Problem('failed', 'sync.errors.changedHere', params) };
  }
  return { path: held.pathOf(heldDigest), size: found.size, sha256: heldDigest.replace('sha256:', '') };
}

import { performance } from 'node:perf_hooks';
import { buffer } from 'node:stream/consumers';
import { type CopyCounts, moveBlobs } from './copy-blobs';
import { type CopyPlan, planCopy } from './copy-plan';
import { eachLimited } from './each-limited';
import { keyedLock } from './keyed-lock';
import { isDigest } from './names';
import {
  type ArtifactAt,
  type Call,
  type CopyOptions,
  type CopyReport,
  type Descriptor,
  RegistryError,
  type StoredManifest,
} from './oci';
import { withPlatforms } from './platforms';

const atOneName = keyedLock();
/** Bytes of artifacts that were walked, by digest: an unchanged one is then told with its size, without a request. */
const sizes = new Map<string, number>();
const maxSizes = 2000;
/** Up to this many bytes, fetching a manifest costs hardly more than asking for it, and tells the size of its blobs. */
const cheapManifest = 256 * 1024;
const manifestsAtOnce = 8;
/** A signature can be signed, and so on; not for ever. */
const maxReferrerDepth = 3;

/**
 * Makes the target's name stand for what the source's name stands for now: asks the target first, sends only what it
 * has not, and the manifests last, so that no reader sees half an artifact. Ended in the middle and called again, it
 * sends only what is missing. Two calls for one target name take turns.
 *
 * @returns what was done; see {@link CopyReport}
 * @throws RegistryError `notFound` when the source is not there or lacks something it names; `noPlatform` when it is not
 *   for a platform that is asked for; `changed` when it is not what was expected; else what the registries say
 */
export async function copyArtifact(
  from: ArtifactAt,
  to: ArtifactAt,
  options: CopyOptions = {},
): Promise<CopyReport> {
  const name = `${to.registry.url} ${to.repository} ${to.reference}`;
  return await atOneName.hold(name, () => copyInTurn(from, to, options, 0), options.signal);
}

async function copyInTurn(
  from: ArtifactAt,
  to: ArtifactAt,
  options: CopyOptions,
  depth: number,
): Promise<CopyReport> {
  const started = performance.now();
  const call: Call = { signal: options.signal };
  const there = await to.registry.head(to.repository, to.reference, call);
  const source = await findSource(from, there, options);
  if (there?.digest === source.digest) {
    const bytes = await bytesOf(source, to, there, call);
    return unchanged(there, bytes, started);
  }
  const root =
    source.stored ?? (await from.registry.manifest(from.repository, source.digest, call)) ?? missing(from);
  if (isDigest(to.reference) && to.reference !== root.descriptor.digest)
    throw new RegistryError('refused', `${root.descriptor.digest} cannot be stored as ${to.reference}`);
  const counts: CopyCounts = { bytesSent: 0, blobsSent: 0, blobsMounted: 0, blobsThere: 0 };
  const bytes = await copyWhole(from, to, { root, known: there !== undefined, counts, options });
  const withReferrers = options.referrers ?? true;
  const more =
    withReferrers && depth < maxReferrerDepth ? await copyReferrers(from, to, root, options, depth) : [];
  if (bytes !== undefined) remember(root.descriptor.digest, bytes);
  return {
    digest: root.descriptor.digest,
    outcome: 'copied',
    mediaType: root.descriptor.mediaType,
    bytes: bytes === undefined ? undefined : more.reduce((sum, report) => sum + (report.bytes ?? 0), bytes),
    bytesSent: sumOf('bytesSent', counts, more),
    blobsSent: sumOf('blobsSent', counts, more),
    blobsMounted: sumOf('blobsMounted', counts, more),
    blobsThere: sumOf('blobsThere', counts, more),
    tookMs: Math.round(performance.now() - started),
  };
}

interface Source {
  /** Of what the target is to have. */
  digest: string;
  /** Fetched already. */
  stored: StoredManifest | undefined;
}

/**
 * Pins what is to be copied by its digest: the tag may move from now on. Asks only where the digest is not known.
 *
 * @param there what the target's name stands for
 */
async function findSource(
  from: ArtifactAt,
  there: Descriptor | undefined,
  options: CopyOptions,
): Promise<Source> {
  const call: Call = { signal: options.signal };
  const { platforms, expect } = options;
  const pinned = isDigest(from.reference);
  const prove = (digest: string) => {
    if (expect === undefined || digest === expect) return;
    throw new RegistryError('changed', `${nameOf(from)} is ${digest} now, and was ${expect}`);
  };
  if (platforms === undefined && pinned) {
    prove(from.reference);
    return { digest: from.reference, stored: undefined };
  }
  const worthHead = platforms === undefined && there !== undefined && there.size > cheapManifest;
  if (worthHead) {
    const head = (await from.registry.head(from.repository, from.reference, call)) ?? missing(from);
    prove(head.digest);
    return { digest: head.digest, stored: undefined };
  }
  const stored = (await from.registry.manifest(from.repository, from.reference, call)) ?? missing(from);
  prove(stored.descriptor.digest);
  const chosen = await withPlatforms(stored, platforms, async ({ digest }) =>
    buffer(await from.registry.blob(from.repository, digest, call)),
  );
  return { digest: chosen.descriptor.digest, stored: chosen };
}

function missing(from: ArtifactAt): never {
  throw new RegistryError('notFound', `${nameOf(from)} is not there`);
}

const nameOf = (at: ArtifactAt) => `${at.repository}${isDigest(at.reference) ? '@' : ':'}${at.reference}`;

function unchanged(there: Descriptor, bytes: number | undefined, started: number): CopyReport {
  return {
    digest: there.digest,
    outcome: 'unchanged',
    mediaType: there.mediaType,
    bytes,
    bytesSent: 0,
    blobsSent: 0,
    blobsMounted: 0,
    blobsThere: 0,
    tookMs: Math.round(performance.now() - started),
  };
}

/** Bytes of an artifact that need not be sent, by at most one request; undefined for an index nobody walked yet. */
async function bytesOf(
  source: Source,
  to: ArtifactAt,
  there: Descriptor,
  call: Call,
): Promise<number | undefined> {
  const known = sizes.get(source.digest);
  if (known !== undefined) return known;
  // Asked for by digest, the source was not needed at all: its one request may go to the target's manifest.
  const stored = source.stored ?? (await to.registry.manifest(to.repository, there.digest, call));
  if (stored?.manifest.kind !== 'image') return undefined;
  const { config, layers } = stored.manifest;
  const bytes = [config, ...layers].reduce((sum, { size }) => sum + size, stored.descriptor.size);
  remember(source.digest, bytes);
  return bytes;
}

function remember(digest: string, bytes: number): void {
  sizes.delete(digest);
  sizes.set(digest, bytes);
  const [oldest] = sizes.keys();
  if (sizes.size > maxSizes && oldest !== undefined) sizes.delete(oldest);
}

interface Work {
  root: StoredManifest;
  /** Whether the target's name stood for something: then parts of this may be there whole. */
  known: boolean;
  counts: CopyCounts;
  options: CopyOptions;
}

/** Sends blobs, then children, then the name. @returns bytes of all of it; undefined when parts were there whole */
async function copyWhole(from: ArtifactAt, to: ArtifactAt, work: Work): Promise<number | undefined> {
  const { root, options } = work;
  const sameRepository = from.registry.url === to.registry.url && from.repository === to.repository;
  const skip = async (digest: string, signal: AbortSignal) =>
    work.known && (await to.registry.head(to.repository, digest, { signal })) !== undefined;
  const plan = await planCopy(from, root, { signal: options.signal, skip });
  if (!sameRepository) await moveBlobs(from, to, plan, work.counts, options);
  await putManifests(to, plan, options);
  options.progress?.(plan.bytes, plan.bytes);
  return plan.partly ? undefined : plan.bytes;
}

async function putManifests(to: ArtifactAt, plan: CopyPlan, options: CopyOptions): Promise<void> {
  const put = async (stored: StoredManifest, reference: string, call: Call) => {
    const { mediaType, digest } = stored.descriptor;
    const answer = await to.registry.putManifest(to.repository, reference, mediaType, stored.bytes, call);
    if (answer.digest !== digest)
      throw new RegistryError('wrongDigest', `${to.repository}: sent ${digest}, stored as ${answer.digest}`);
  };
  const byDigest = (stored: StoredManifest, call: Call) => put(stored, stored.descriptor.digest, call);
  const images = plan.children.filter(({ manifest }) => manifest.kind === 'image');
  await eachLimited(images, manifestsAtOnce, options.signal, (image, signal) => byDigest(image, { signal }));
  const call: Call = { signal: options.signal };
  for (const index of plan.children.filter(({ manifest }) => manifest.kind === 'index')) {
    await byDigest(index, call);
  }
  await put(plan.root, to.reference, call);
}

/** Copies what tells about an artifact, and what tells about that. */
async function copyReferrers(
  from: ArtifactAt,
  to: ArtifactAt,
  root: StoredManifest,
  options: CopyOptions,
  depth: number,
): Promise<CopyReport[]> {
  const call: Call = { signal: options.signal };
  const found = await from.registry.referrers(from.repository, root.descriptor.digest, call);
  const reports: CopyReport[] = [];
  for (const { digest } of found) {
    const inner: CopyOptions = { ...options, platforms: undefined, expect: undefined, progress: undefined };
    const at = (side: ArtifactAt): ArtifactAt => ({ ...side, reference: digest });
    reports.push(await copyInTurn(at(from), at(to), inner, depth + 1));
  }
  return reports;
}

function sumOf(field: keyof CopyCounts, own: CopyCounts, more: readonly CopyReport[]): number {
  return more.reduce((sum, report) => sum + report[field], own[field]);
}

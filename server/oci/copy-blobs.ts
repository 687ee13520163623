import type { CopyPlan } from './copy-plan';
import { eachLimited } from './each-limited';
import { keyedLock } from './keyed-lock';
import { type ArtifactAt, type Call, type CopyOptions, type Descriptor, RegistryError } from './oci';

/** What became of an artifact's blobs. */
export interface CopyCounts {
  bytesSent: number;
  blobsSent: number;
  blobsMounted: number;
  blobsThere: number;
}

/** Two artifacts that share a layer do not both send it. */
const atOneBlob = keyedLock();
const defaultParallel = 8;

/**
 * Brings all blobs of a plan to the target's repository, a few at a time; the counts grow as it goes on.
 *
 * @throws RegistryError the first failure; those still on their way are aborted
 */
export async function moveBlobs(
  from: ArtifactAt,
  to: ArtifactAt,
  plan: CopyPlan,
  counts: CopyCounts,
  options: CopyOptions,
): Promise<void> {
  let done = 0;
  const tell = (bytes: number) => {
    done += bytes;
    options.progress?.(done, plan.bytes);
  };
  options.progress?.(0, plan.bytes);
  // Large ones first: they bound the time of the whole.
  const blobs = plan.blobs.toSorted((a, b) => b.size - a.size);
  await eachLimited(blobs, options.parallel ?? defaultParallel, options.signal, async (blob, signal) => {
    const key = `${to.registry.url} ${to.repository} ${blob.digest}`;
    let told = 0;
    const sent = (bytes: number) => {
      tell(bytes - told);
      told = bytes;
    };
    await atOneBlob.hold(key, () => moveBlob(from, to, blob, { counts, options, sent, signal }), signal);
    sent(blob.size);
  });
}

interface Move extends Call {
  counts: CopyCounts;
  options: CopyOptions;
  sent: (bytes: number) => void;
  signal: AbortSignal;
}

async function moveBlob(from: ArtifactAt, to: ArtifactAt, blob: Descriptor, move: Move): Promise<void> {
  const { counts, signal } = move;
  // A mount would do for a question, in one request fewer; but docker-registry then writes the link of a blob that is
  // there anew, and whoever reads it in that moment finds nothing.
  if ((await to.registry.hasBlob(to.repository, blob.digest, { signal })) !== undefined) {
    counts.blobsThere += 1;
    return;
  }
  const other = mountableFrom(from, to, blob, move.options);
  if (other !== undefined && (await mounted(to, blob.digest, other, signal))) {
    counts.blobsMounted += 1;
    return;
  }
  const source = (offset: number) =>
    from.registry.blob(from.repository, blob.digest, {
      signal,
      ...(offset > 0 && { range: { from: offset, to: blob.size - 1 } }),
    });
  const { sent } = await to.registry.putBlob(to.repository, blob, source, {
    signal,
    sent: move.sent,
    absent: true,
  });
  counts.bytesSent += sent;
  counts.blobsSent += 1;
}

function mountableFrom(
  from: ArtifactAt,
  to: ArtifactAt,
  blob: Descriptor,
  options: CopyOptions,
): string | undefined {
  const other = from.registry.url === to.registry.url ? from.repository : options.mountable?.(blob.digest);
  return other === to.repository ? undefined : other;
}

/** Mounting is a favour: a registry or a login that will not do it is sent the bytes. */
async function mounted(to: ArtifactAt, digest: string, other: string, signal: AbortSignal): Promise<boolean> {
  try {
    return await to.registry.mount(to.repository, digest, other, { signal });
  } catch (error) {
    const refused = ['forbidden', 'unauthorized', 'notFound', 'unsupported', 'refused'];
    if (error instanceof RegistryError && refused.includes(error.fault)) return false;
    throw error;
  }
}

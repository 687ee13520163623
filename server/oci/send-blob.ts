import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { mayPass, wireFault } from './faults';
import { type Call, RegistryError } from './oci';
import type { Uploads } from './uploads';

interface Sending extends Call {
  repository: string;
  digest: string;
  size: number;
  /** Is told how many bytes the registry has got in all. */
  sent?: ((bytes: number) => void) | undefined;
  /** Asks whether the registry has it. */
  isThere: () => Promise<boolean>;
}

type Source = (offset: number) => Readable | Promise<Readable>;

/** How often a broken upload is taken up again. */
const takeUps = 5;
const firstPauseMs = 250;

/**
 * Sends a blob that is not there: in one PUT; after a break in a PATCH from where the registry says it stands, or anew
 * where it has forgotten.
 *
 * @param from the blob's bytes from an offset on; an error of this stream is thrown as it is
 * @throws RegistryError
 */
export async function sendBlob(uploads: Uploads, blob: Sending, from: Source): Promise<{ sent: number }> {
  const { repository, digest, signal } = blob;
  let location = await uploads.beginOf(repository, digest, signal);
  let offset = 0;
  for (let failures = 0; ;) {
    const watch = new Watch(blob, offset);
    try {
      await sendFrom(uploads, blob, location, watch, from);
      return { sent: blob.size };
    } catch (caught) {
      const error = wireFault(caught, location, signal);
      failures += 1;
      if (watch.failed || failures > takeUps || !goesOn(error, offset)) {
        await uploads.cancel(repository, location);
        throw watch.failed ? watch.failed.error : error;
      }
      await backOff(failures, location, signal);
      const stands = await uploads.standing(repository, location, signal);
      // Of bytes that were taken up at a wrong place only a beginning is sure.
      const usable = mayPass(error) || error.fault === 'unauthorized';
      offset = stands && usable && stands.offset <= blob.size ? stands.offset : 0;
      if (stands && offset > 0) {
        ({ location } = stands);
        continue;
      }
    }
    blob.sent?.(0);
    // The answer to a PUT that was done may have been lost.
    if (await blob.isThere()) return { sent: blob.size };
    location = await uploads.beginOf(repository, digest, signal);
  }
}

/** An expired login was renewed on the way; bytes that were taken up at a wrong place are sent anew. */
const goesOn = (error: RegistryError, offset: number) =>
  mayPass(error) ||
  error.fault === 'unauthorized' ||
  (offset > 0 && ['wrongDigest', 'refused', 'notFound'].includes(error.fault));

async function sendFrom(
  uploads: Uploads,
  { repository, digest, size, signal }: Sending,
  location: string,
  watch: Watch,
  from: Source,
): Promise<void> {
  const whole = watch.offset === 0;
  const source = await watch.open(from);
  try {
    if (whole) {
      await uploads.complete({ repository, location, digest }, { bytes: source, size }, signal);
      return;
    }
    const missing = { bytes: source, size: size - watch.offset };
    const next = await uploads.append({ repository, location, offset: watch.offset }, missing, signal);
    await uploads.complete(
      { repository, location: next, digest },
      { bytes: Buffer.alloc(0), size: 0 },
      signal,
    );
  } finally {
    source.destroy();
  }
}

/** Counts a source's bytes, and keeps its error apart from the connection's. */
class Watch {
  failed: { error: unknown } | undefined;

  constructor(
    private readonly blob: Sending,
    readonly offset: number,
  ) {}

  async open(from: Source): Promise<Readable> {
    try {
      const source = await from(this.offset);
      const out = Readable.from(this.bytes(source), { objectMode: false, highWaterMark: 256 * 1024 });
      // What was never read is let go as well; its errors come through the bytes when it was.
      out.once('close', () => source.destroy());
      source.once('error', (error) => (this.failed ??= { error }));
      out.on('error', () => {});
      return out;
    } catch (error) {
      this.failed = { error };
      throw error;
    }
  }

  private async *bytes(source: Readable): AsyncGenerator<Buffer> {
    let at = this.offset;
    for await (const chunk of source as AsyncIterable<Buffer>) {
      at += chunk.length;
      if (at > this.blob.size) {
        this.failed = { error: this.wrongSize(at) };
        throw this.failed.error;
      }
      yield chunk;
      this.blob.sent?.(at);
    }
    if (at === this.blob.size) return;
    this.failed = { error: this.wrongSize(at) };
    throw this.failed.error;
  }

  private wrongSize(at: number): RegistryError {
    const { digest, size } = this.blob;
    return new RegistryError('wrongDigest', `${digest}: its source gave ${at} bytes, not ${size}`);
  }
}

async function backOff(failures: number, url: string, signal: AbortSignal | undefined): Promise<void> {
  await pause(firstPauseMs * 2 ** (failures - 1), undefined, { signal }).catch((stopped: unknown) => {
    throw wireFault(stopped, url, signal);
  });
}

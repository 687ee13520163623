/** Puts content into the cloud as an image, once, and proves it: images of ours from their files, disks as they come. */
import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { isProblem, Problem } from '../../problem';
import type { SiteEvent } from '../site';
import type { Cloud } from './cloud';
import {
  deleteImage,
  findImage,
  imagePath,
  lookUntil,
  makeImage,
  setImageProperties,
  type GlanceImage,
} from './glance';
import { comesBefore, copiesOf, findCopy, type Content } from './image-copies';
import { stallGuard } from './stall-guard';
import { uploadOwner } from './upload-owner';

/** Content that can be sent. */
export interface SentContent extends Content {
  /** Glance's word for its format. */
  format: string;
  /** MD5 in hex of all of it, where it is known beforehand. */
  md5: string | undefined;
  /** Bytes of disk a guest sees. */
  virtualSize: number;
  minDiskGiB: number;
  minMemoryMiB: number;
  /** Properties of the image beside the mark. */
  properties: Record<string, string>;
  /** Properties it gets once the cloud is known to hold all of it. */
  proof?: ((md5: string) => Record<string, string>) | undefined;
  /** All its bytes. */
  open(): Readable;
}

interface Put {
  cloud: Cloud;
  content: SentContent;
  signal: AbortSignal;
  progress: (done: number, total: number) => void;
  report: (event: SiteEvent) => void;
}

const mostTries = 3;

/**
 * Gives glance's id of an image with the content, after it was put there unless a whole one is. It leaves nothing behind
 * on failure and abort.
 *
 * @returns the id, and how many bytes were sent
 * @throws Problem `openstack.errors.*`, and what reading the content ends in; AbortError
 */
export async function putOnce(put: Put): Promise<{ id: string; sent: number }> {
  const { cloud, content, signal, report } = put;
  const onWait = () => {
    report({ event: 'waitingForUpload', params: { name: content.name } });
  };
  for (let tries = 1; ;) {
    const there = await findCopy(cloud, content, { signal, onWait });
    if (there) return { id: there.id, sent: 0 };
    try {
      const made = await putCopy(put);
      if (made !== undefined) return { id: made, sent: content.size };
    } catch (error) {
      if (signal.aborted || tries === mostTries || isFinal(error)) throw error;
      tries++;
      const detail = isProblem(error) ? (error.detail ?? error.key) : String(error);
      report({ event: 'uploadingAgain', params: { name: content.name, try: tries, of: mostTries }, detail });
    }
  }
}

/** Answers that the same upload would get again. */
const finalCodes: readonly string[] = ['invalid', 'forbidden', 'too_large', 'no_space', 'not_found'];

function isFinal(error: unknown): boolean {
  return isProblem(error) && (finalCodes.includes(error.code) || /\.quota/.test(error.key));
}

/** @returns undefined when another process came before us, whose copy is to be waited for */
async function putCopy(put: Put): Promise<string | undefined> {
  const { cloud, content, signal } = put;
  // An id of our choice: what was made is found and removed even when the answer to our request was lost.
  const id = randomUUID();
  try {
    await makeImage(cloud, recordOf(content, id), signal);
    if (comesBefore(await copiesOf(cloud, content.mark, signal), id)) {
      await removeHalf(cloud, id);
      return undefined;
    }
    const md5 = await fill(put, id);
    if (content.proof) await setImageProperties(cloud, id, content.proof(md5), signal);
    return id;
  } catch (error) {
    await removeHalf(cloud, id);
    throw error;
  }
}

/** Also after an abort, so with a time limit of its own. What cannot be removed now is replaced by the next upload. */
async function removeHalf(cloud: Cloud, id: string): Promise<void> {
  await deleteImage(cloud, id, AbortSignal.timeout(30_000)).catch(() => undefined);
}

/** Facts by names of glance and of its common image properties; what the hardware should be is left to the cloud. */
function recordOf(content: SentContent, id: string): Record<string, string | number> {
  return {
    id,
    name: content.name,
    visibility: 'private',
    disk_format: content.format,
    container_format: 'bare',
    min_disk: Math.max(content.minDiskGiB, Math.ceil(content.virtualSize / 2 ** 30)),
    min_ram: content.minMemoryMiB,
    ...content.properties,
    [content.mark.property]: content.mark.value,
    edgeyard_owner: uploadOwner,
  };
}

/** Milliseconds without a byte taken until an upload counts as stuck, and until glance has stored the last byte. */
const patience = { byteMs: 120_000, storeMs: 1_800_000 };

/** @returns MD5 in hex of what the cloud now holds */
async function fill({ cloud, content, signal, report, progress }: Put, id: string): Promise<string> {
  const { name, size } = content;
  report({ event: 'uploadingImage', params: { name, bytes: size } });
  const guard = stallGuard(signal, patience.byteMs);
  const hash = createHash('md5');
  const source: { fault?: unknown } = {};
  async function* blocks() {
    let done = 0;
    try {
      for await (const block of content.open() as AsyncIterable<Buffer>) {
        hash.update(block);
        yield block;
        done += block.length;
        progress(done, size);
        guard.moved(done < size ? patience.byteMs : patience.storeMs);
      }
    } catch (error) {
      source.fault = error;
      throw error;
    }
  }
  try {
    await cloud.send({
      service: 'image',
      method: 'PUT',
      path: imagePath(id, '/file'),
      body: Readable.from(blocks(), { objectMode: false, highWaterMark: 1 << 20 }),
      headers: { 'content-length': String(size) },
      signal: guard.signal,
      // From the first byte to the answer after the last; the guard above ends what hangs.
      timeoutMs: 24 * 3600_000,
      repeats: false,
    });
  } catch (error) {
    // What could not be read is the reason, whatever the cloud made of it.
    if (source.fault !== undefined && !signal.aborted) throw source.fault;
    const md5 = hash.digest('hex');
    // The request may have done its work although its answer was lost.
    const seen = signal.aborted ? undefined : await findImage(cloud, id, signal);
    const whole = seen?.status === 'active' && seen.size === size && seen.checksum === md5;
    if (!whole || (content.md5 ?? md5) !== md5) throw guard.reason() ?? error;
    return md5;
  } finally {
    guard.end();
  }
  const md5 = hash.digest('hex');
  requireSame(await stored(cloud, id, signal), content, md5);
  return md5;
}

/** Glance answers when all is stored; a copy that is imported or checked by a plugin may take a moment more. */
function stored(cloud: Cloud, id: string, signal: AbortSignal): Promise<GlanceImage> {
  return lookUntil(async () => {
    const image = await findImage(cloud, id, signal);
    if (!image || ['killed', 'queued', 'deactivated'].includes(image.status)) {
      throw new Problem('failed', 'openstack.errors.imageNotStored', { status: image?.status ?? 'deleted' });
    }
    return image.status === 'active' ? image : undefined;
  }, signal);
}

/** @throws Problem `failed` when the cloud holds other bytes than were sent, or what was sent is not what was known */
function requireSame(copy: GlanceImage, { name, size, md5: known }: SentContent, sent: string): void {
  if (known !== undefined && known !== sent) {
    throw new Problem('invalid', 'openstack.errors.imageFileChanged', { name });
  }
  if (copy.size !== size || (copy.checksum && copy.checksum !== sent)) {
    throw new Problem('failed', 'openstack.errors.uploadDiffers', { name });
  }
}

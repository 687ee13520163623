/** Puts a disk image of ours into the cloud, once per content. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { isProblem, Problem } from '../../problem';
import type { ImageLibrary } from '../image-library';
import type { Call, SiteEvent } from '../site';
import type { Cloud } from './cloud';
import { deleteImage, findImage, imagePath, lookUntil, makeImage, type GlanceImage } from './glance';
import { comesBefore, copiesOf, findCopy, isWhole, type OurContent } from './image-copies';
import { contentKey } from './image-offers';
import { sharedWork } from '../../shared-work';
import { stallGuard } from './stall-guard';
import { uploadOwner } from './upload-owner';

type UploadCall = Call & {
  progress?: (done: number, total: number) => void;
  report?: (event: SiteEvent) => void;
};

interface Upload extends OurContent {
  cloud: Cloud;
  path: string;
  format: string;
  signal: AbortSignal;
  progress: (done: number, total: number) => void;
  report: (event: SiteEvent) => void;
}

const flights = new WeakMap<Cloud, ReturnType<typeof sharedWork<string>>>();

/**
 * Gives glance's id of an image: of the cloud's own as it is, of ours after its content was put there, unless a copy is
 * there already. Asked twice at once it uploads once; it leaves nothing behind on failure and abort.
 *
 * @param imageId id of an image of ours, or of the cloud's own
 * @param call `progress` gets bytes sent and in all; `report` what happens
 * @throws Problem `not_found`, `conflict` for an image of the cloud's that cannot be used now, `openstack.errors.*`
 */
export async function ensureImage(
  cloud: Cloud,
  library: ImageLibrary,
  imageId: string,
  call: UploadCall,
): Promise<string> {
  const image = (await library.list()).find(({ id }) => id === imageId);
  if (!image) return requireCloudImage(cloud, imageId, call.signal);
  let share = flights.get(cloud);
  if (!share) flights.set(cloud, (share = sharedWork<string>()));
  return share(contentKey(image), call, async ({ signal, progress }) => {
    const { path, format, md5 } = await library.path(imageId);
    const report = (event: SiteEvent) => call.report?.(event);
    return ensureCopy({ cloud, image, path, format, md5, signal, progress, report });
  });
}

async function requireCloudImage(cloud: Cloud, id: string, signal: AbortSignal | undefined): Promise<string> {
  const image = await findImage(cloud, id, signal);
  if (!image) throw new Problem('not_found', 'sites.errors.noImage', { id });
  if (image.status === 'active') return image.id;
  throw new Problem('conflict', 'openstack.errors.imageNotActive', {
    name: image.name ?? id,
    status: image.status,
  });
}

const mostTries = 3;

async function ensureCopy(upload: Upload): Promise<string> {
  const { cloud, image, signal, report } = upload;
  const onWait = () => {
    report({ event: 'waitingForUpload', params: { name: image.name } });
  };
  for (let tries = 1; ;) {
    const there = await findCopy(cloud, upload, { signal, onWait });
    if (there) return there.id;
    try {
      const made = await putCopy(upload);
      if (made !== undefined) return made;
    } catch (error) {
      if (signal.aborted || tries === mostTries || isFinal(error)) throw error;
      tries++;
      const detail = isProblem(error) ? (error.detail ?? error.key) : String(error);
      report({ event: 'uploadingAgain', params: { name: image.name, try: tries, of: mostTries }, detail });
    }
  }
}

/** Answers that the same upload would get again. */
const finalCodes: readonly string[] = ['invalid', 'forbidden', 'too_large', 'no_space'];

function isFinal(error: unknown): boolean {
  return isProblem(error) && (finalCodes.includes(error.code) || /\.quota/.test(error.key));
}

/** @returns undefined when another process came before us, whose copy is to be waited for */
async function putCopy(upload: Upload): Promise<string | undefined> {
  const { cloud, image, signal } = upload;
  // An id of our choice: what was made is found and removed even when the answer to our request was lost.
  const id = randomUUID();
  try {
    await makeImage(cloud, recordOf(upload, id), signal);
    if (comesBefore(await copiesOf(cloud, image, signal), id)) {
      await removeHalf(cloud, id);
      return undefined;
    }
    await fill(upload, id);
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
function recordOf({ image, format }: Upload, id: string): Record<string, string | number> {
  return {
    id,
    name: image.name,
    visibility: 'private',
    disk_format: format,
    container_format: 'bare',
    min_disk: Math.max(image.minDiskGiB, Math.ceil(image.virtualSize / 2 ** 30)),
    min_ram: image.minMemoryMiB,
    architecture: image.architecture,
    ...(image.os ? { os_distro: image.os } : {}),
    ...(image.login ? { os_admin_user: image.login } : {}),
    edgeyard_digest: contentKey(image),
    edgeyard_image: image.id,
    edgeyard_owner: uploadOwner,
  };
}

/** Milliseconds without a byte taken until an upload counts as stuck, and until glance has stored the last byte. */
const patience = { byteMs: 120_000, storeMs: 1_800_000 };

async function fill(upload: Upload, id: string): Promise<void> {
  const { cloud, image, path, signal } = upload;
  upload.report({ event: 'uploadingImage', params: { name: image.name, bytes: image.size } });
  const guard = stallGuard(signal, patience.byteMs);
  const md5 = createHash('md5');
  async function* blocks() {
    let done = 0;
    for await (const block of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      md5.update(block);
      yield block;
      done += block.length;
      upload.progress(done, image.size);
      guard.moved(done < image.size ? patience.byteMs : patience.storeMs);
    }
  }
  try {
    await cloud.send({
      service: 'image',
      method: 'PUT',
      path: imagePath(id, '/file'),
      body: Readable.from(blocks(), { objectMode: false, highWaterMark: 1 << 20 }),
      headers: { 'content-length': String(image.size) },
      signal: guard.signal,
      // From the first byte to the answer after the last; the guard above ends what hangs.
      timeoutMs: 24 * 3600_000,
      repeats: false,
    });
  } catch (error) {
    // The request may have done its work although its answer was lost.
    const seen = signal.aborted ? undefined : await findImage(cloud, id, signal);
    if (!seen || !isWhole(seen, upload) || seen.checksum !== md5.digest('hex')) throw guard.reason() ?? error;
    return;
  } finally {
    guard.end();
  }
  requireSame(await stored(cloud, id, signal), upload, md5.digest('hex'));
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

/** @throws Problem `failed` when the cloud holds other bytes than were read from our file, or our file changed */
function requireSame(copy: GlanceImage, { image, md5: known }: Upload, sent: string): void {
  if (known !== undefined && known !== sent) {
    throw new Problem('invalid', 'openstack.errors.imageFileChanged', { name: image.name });
  }
  if (copy.size !== image.size || (copy.checksum && copy.checksum !== sent)) {
    throw new Problem('failed', 'openstack.errors.uploadDiffers', { name: image.name });
  }
}

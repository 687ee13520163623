/** Copies of our images in the cloud: found by content, never by name. */
import { z } from 'zod';
import type { ImageLibrary } from '../image-library';
import type { GuestImage } from '../site';
import type { Cloud } from './cloud';
import { deleteImage, listImages, lookUntil, setImageProperties, type GlanceImage } from './glance';
import { contentKey } from './image-offers';
import { ownerIsDead } from './upload-owner';

/** A property that is on every copy of a content, and its value. */
export interface Mark {
  property: 'edgeyard_digest' | 'edgeyard_artifact';
  value: string;
}

/** Content that lies in the cloud as an image, or is to. */
export interface Content {
  name: string;
  /** Bytes. */
  size: number;
  mark: Mark;
  /** Whether a copy holds all of it. */
  isWhole(copy: GlanceImage): boolean;
  /** Whether a copy has its bytes and waits for whoever sent them to prove them. */
  isUnproved?: ((copy: GlanceImage) => boolean) | undefined;
}

/** By what copies of an image of ours are found. */
export function markOfImage(image: Pick<GuestImage, 'id' | 'digest'>): Mark {
  return { property: 'edgeyard_digest', value: contentKey(image) };
}

/** States in which an image waits for content or gets it. */
const filling = ['queued', 'saving', 'uploading', 'importing'];

/**
 * Lists the copies of a content in the login's own project, eldest first. Others can put our property on images of
 * theirs and make them public, so those do not count.
 *
 * @throws Problem `openstack.errors.*`
 */
export async function copiesOf(
  cloud: Cloud,
  { property, value }: Mark,
  signal: AbortSignal | undefined,
): Promise<GlanceImage[]> {
  const { projectId } = await cloud.who(signal);
  const found = await listImages(cloud, { [property]: value, owner: projectId }, signal);
  // Nova hands our properties on to snapshots of a server. One of ours that is kept is whole before it gets a digest;
  // of a disk no snapshot is a copy.
  const isCopy = ({ image_type, status }: GlanceImage) =>
    image_type !== 'snapshot' || (property === 'edgeyard_digest' && status === 'active');
  const age = (each: GlanceImage) => `${each.created_at} ${each.id}`;
  return found
    .filter((copy) => copy.owner === projectId && isCopy(copy))
    .sort((one, other) => (age(one) < age(other) ? -1 : 1));
}

/**
 * Whether a copy that still waits for its content comes before another one.
 *
 * @param mine the copy that must not be filled when one comes before it
 */
export function comesBefore(copies: readonly GlanceImage[], mine: string): boolean {
  const place = copies.findIndex(({ id }) => id === mine);
  return copies.some(({ status }, index) => (status !== 'queued' ? filling.includes(status) : index < place));
}

/** How long a copy may wait for content that another machine sends, at the least, and for each byte. */
const patience = { leastMs: 300_000, msPerByte: 1 / 1000 };

/**
 * Looks for a whole copy. While another process fills one, waits for it; a copy whose process died is removed.
 *
 * @param call `onWait` is called once when there is one to wait for
 * @returns undefined when there is none
 * @throws Problem `openstack.errors.*`; AbortError
 */
export async function findCopy(
  cloud: Cloud,
  content: Content,
  call: { signal: AbortSignal; onWait: () => void },
): Promise<GlanceImage | undefined> {
  const seenSince = new Map<string, number>();
  const longest = patience.leastMs + content.size * patience.msPerByte;
  const answer = await lookUntil(async () => {
    const copies = await copiesOf(cloud, content.mark, call.signal);
    const whole = copies.find((copy) => content.isWhole(copy));
    if (whole) return { whole };
    const isComing = (copy: GlanceImage) => filling.includes(copy.status) || content.isUnproved?.(copy);
    for (const copy of copies.filter(isComing)) {
      const now = performance.now();
      const since = seenSince.get(copy.id) ?? now;
      if (!ownerIsDead(copy.edgeyard_owner) && now - since < longest) {
        if (seenSince.size === 0) call.onWait();
        seenSince.set(copy.id, since);
        return undefined;
      }
      await deleteImage(cloud, copy.id, call.signal);
    }
    return { whole: undefined };
  }, call.signal);
  return answer.whole;
}

/**
 * Removes the copies that were uploaded for an image of ours which is gone. One whose content another image of ours
 * has goes over to that one. One that a server of the project was made from stays, although glance would often let it
 * go: nova fetches it again when it moves the server to another host, or rebuilds it. Kept snapshots stay as well.
 *
 * @param gone the image, no longer in the library
 * @throws Problem `openstack.errors.*`
 */
export async function dropCopies(
  cloud: Cloud,
  library: Pick<ImageLibrary, 'list'>,
  gone: Pick<GuestImage, 'id' | 'digest'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const copies = await copiesOf(cloud, markOfImage(gone), signal);
  const uploaded = copies.filter((copy) => copy.edgeyard_image === gone.id && copy.image_type !== 'snapshot');
  if (uploaded.length === 0) return;
  const heir = (await library.list()).find((each) => contentKey(each) === contentKey(gone));
  for (const { id } of uploaded) {
    if (heir) await setImageProperties(cloud, id, { edgeyard_image: heir.id }, signal);
    else if (!(await hasServers(cloud, id, signal))) await deleteImage(cloud, id, signal);
  }
}

async function hasServers(cloud: Cloud, imageId: string, signal: AbortSignal | undefined): Promise<boolean> {
  const servers = await cloud.list({
    service: 'compute',
    path: '/servers',
    query: { image: imageId },
    key: 'servers',
    schema: z.object({ id: z.string() }),
    signal,
  });
  return servers.length > 0;
}

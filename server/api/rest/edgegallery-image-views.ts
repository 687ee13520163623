import { z } from '@hono/zod-openapi';
import type { Actor } from '../../access/actor';
import type { ContainerImage } from '../../containers/schemas';
import type { House } from '../../house';

/** A container image of EdgeGallery's Developer, interface v2. */
export const egImage = z
  .object({
    imageId: z.string(),
    imageName: z.string(),
    imageVersion: z.string(),
    userId: z.string(),
    userName: z.string(),
    uploadTime: z.string(),
    createTime: z.string(),
    /** An image is in the list once it is stored. */
    imageStatus: z.string(),
    /** `private`: images belong to their project. */
    imageType: z.string(),
    /** How it is pulled from the registry, without the registry's address. */
    imagePath: z.string(),
    fileName: z.string(),
  })
  .openapi('EdgeGalleryContainerImage');
type EgImage = z.infer<typeof egImage>;

export const egImagePage = z
  .object({ results: z.array(egImage), limit: z.int(), offset: z.int(), total: z.int() })
  .openapi('EdgeGalleryContainerImages');

export const egImageQuery = z.object({
  imageName: z.string().max(300).nullish(),
  imageType: z.string().max(40).nullish(),
  imageStatus: z.string().max(40).nullish(),
  userId: z.string().max(100).nullish(),
  createTimeBegin: z.string().max(40).nullish(),
  createTimeEnd: z.string().max(40).nullish(),
  uploadTimeBegin: z.string().max(40).nullish(),
  uploadTimeEnd: z.string().max(40).nullish(),
  limit: z.int().min(1).max(500).default(100),
  offset: z.int().min(0).default(0),
  sortBy: z.string().max(40).nullish(),
  sortOrder: z.string().max(10).nullish(),
});

/** An image as EdgeGallery's clients know it. */
export function egImageOf(house: House, image: ContainerImage): EgImage {
  const { source } = image;
  const userId = image.createdBy ?? '';
  return {
    imageId: image.id,
    imageName: image.name,
    imageVersion: image.tag,
    userId,
    userName: house.access.users.get(userId)?.name ?? '',
    uploadTime: new Date(image.updatedAt).toISOString(),
    createTime: new Date(image.createdAt).toISOString(),
    imageStatus: 'UPLOAD_SUCCEED',
    imageType: 'private',
    imagePath: image.tag === '' ? `${image.name}@${image.digest}` : `${image.name}:${image.tag}`,
    fileName: source.kind === 'upload' ? source.fileName : '',
  };
}

/** The images an actor may see, as far as they are asked for. Newest first, where nothing else is asked. */
export function listImages(
  house: House,
  actor: Actor,
  ask: z.infer<typeof egImageQuery>,
): z.infer<typeof egImagePage> {
  const { limit, offset } = ask;
  const name = ask.imageName?.toLowerCase() ?? '';
  const begin = ask.uploadTimeBegin ?? ask.createTimeBegin ?? '';
  const end = ask.uploadTimeEnd ?? ask.createTimeEnd ?? '';
  const from = begin === '' ? -Infinity : Date.parse(begin);
  const to = end === '' ? Infinity : Date.parse(end);
  const found = house.workbench.projects
    .list(actor)
    .filter(({ kind }) => kind === 'container')
    .flatMap(({ id }) => house.containers.list(actor, id).map((image) => egImageOf(house, image)))
    .filter((image) => image.imageName.toLowerCase().includes(name))
    .filter((image) => [image.imageType, '', undefined, null].includes(ask.imageType))
    .filter((image) => [image.imageStatus, '', undefined, null].includes(ask.imageStatus))
    .filter(({ createTime }) => Date.parse(createTime) >= from && Date.parse(createTime) <= to)
    .toSorted(orderOf(ask.sortBy ?? '', ask.sortOrder ?? ''));
  return { results: found.slice(offset, offset + limit), limit, offset, total: found.length };
}

function orderOf(sortBy: string, sortOrder: string): (a: EgImage, b: EgImage) => number {
  const by = sortBy === 'imageName' || sortBy === 'uploadTime' ? sortBy : 'createTime';
  const falling = sortOrder === '' ? by !== 'imageName' : sortOrder.toUpperCase() === 'DESC';
  return (a, b) => a[by].localeCompare(b[by]) * (falling ? -1 : 1);
}

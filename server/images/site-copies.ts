import type { ImagePorts } from './ports';
import type { ImageRow } from './image-rows';

/** How long a site may take to remove its copies of one image, in milliseconds. */
const limitMs = 120_000;

/**
 * Has every site drop its copies of an image that is gone. Nobody waits for it: a site that is away keeps its copy,
 * which the next upload of the same content finds again.
 */
export async function dropSiteCopies(
  { sites, log }: Pick<ImagePorts, 'sites' | 'log'>,
  { id, digest }: Pick<ImageRow, 'id' | 'digest'>,
): Promise<void> {
  const signal = AbortSignal.timeout(limitMs);
  const work = sites()
    .list()
    .map(async (site) => {
      try {
        await site.copies?.drop({ id, digest: digest ?? undefined }, { signal });
      } catch (error) {
        log.warn({ err: error, site: site.id, image: id }, 'a site keeps its copy of an image that is gone');
      }
    });
  await Promise.all(work);
}

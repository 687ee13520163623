/** Which image of a release an object means. */
import { isProblem } from '../../problem';
import { familiarName, parseReference, type Reference } from '../../sites/image-reference';

/** An image of a release, as its package names it: name and tag. */
export interface NamedImage {
  name: string;
  digest: string;
}

/**
 * Finds the image of a release that an object's words mean: those words, or the same with what Docker fills in; by
 * digest where they name one. Charts of EdgeGallery put the registry of an edge, and a project there, before the name:
 * what ends in a name of the release means that image, where only one does.
 *
 * @param text as the object has it
 */
export function imageMeant<Image extends NamedImage>(
  images: readonly Image[],
  text: string,
): Image | undefined {
  const exact = images.find(({ name }) => name === text);
  if (exact) return exact;
  const wanted = read(text);
  if (!wanted) return undefined;
  if (wanted.digest !== undefined) return images.find(({ digest }) => digest === wanted.digest);
  const named = images.flatMap((image) => {
    const reference = read(image.name);
    return reference?.tag === wanted.tag ? [{ image, name: familiarName(reference) }] : [];
  });
  const name = familiarName(wanted);
  const same = named.find((each) => each.name === name);
  if (same) return same.image;
  const ending = named.filter((each) => name.endsWith(`/${each.name}`));
  const digests = new Set(ending.map(({ image }) => image.digest));
  return digests.size === 1 ? ending[0]?.image : undefined;
}

/** Undefined for what is no image name. */
function read(text: string): Reference | undefined {
  try {
    // A chart whose registry is empty leaves the slash that stood behind it.
    return parseReference(text.replace(/^\/+/, ''));
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}

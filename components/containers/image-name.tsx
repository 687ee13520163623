import type { ContainerImage } from '@/server/containers/schemas';

/**
 * How an image is called, as Docker writes it.
 *
 * @returns `name:tag`; the name alone for an image that has no tag
 */
export function imageName({ name, tag }: Pick<ContainerImage, 'name' | 'tag'>): string {
  return tag === '' ? name : `${name}:${tag}`;
}

/**
 * The command that pulls exactly this content.
 *
 * @param pullName repository and digest, as the registry is reached by people
 */
export function pullCommand(pullName: string): string {
  return `docker pull ${pullName}`;
}

/** Name and tag of an image; the tag stands out, and long names break between their parts. */
export function ImageName({ image }: { image: Pick<ContainerImage, 'name' | 'tag'> }) {
  return (
    <span className="font-mono text-[0.8125rem] break-all">
      {image.name}
      {image.tag !== '' && <span className="text-accent">:{image.tag}</span>}
    </span>
  );
}

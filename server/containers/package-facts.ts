import type { ContainerFacts } from '../packages/order';
import { Problem } from '../problem';
import type { Texts } from './text/texts';

/** Name a chart is rendered under to see which images it names; no image depends on it in a sound chart. */
const previewName = 'preview';

/**
 * What a package of a container project is made of: its text, and the images that names.
 *
 * @throws Problem `conflict` without a text or for an image that is not held; `invalid` for a text with errors
 */
export async function packageFacts(
  texts: Pick<Texts, 'ready' | 'file'>,
  projectId: string,
): Promise<ContainerFacts> {
  const { images } = await texts.ready(projectId, previewName, '', new AbortController().signal);
  const file = texts.file(projectId);
  if (!file) throw new Problem('conflict', 'containers.errors.noText');
  const rows = new Map([...images.values()].map((row) => [row.id, row]));
  return {
    images: [...rows.values()].map(({ name, tag, digest, mediaType, platforms, size }) => ({
      name,
      tag,
      digest,
      mediaType,
      platforms,
      size,
    })),
    deployment: { kind: file.kind, fileName: file.fileName, base64: file.content.toString('base64') },
  };
}

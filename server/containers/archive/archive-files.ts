import { z } from 'zod';
import { refuse } from './limits';
import type { Taken, TakenFile } from './take-archive';

/** A manifest that is to be written, with its bytes. */
interface ManifestToWrite {
  digest: string;
  mediaType: string;
  text: string;
}

/** An image found in an archive. */
export interface FoundImage {
  /** What the archive calls it, as it stands there; undefined when it has no name. */
  names: string[];
  /** Only a tag was found. */
  tag: string | undefined;
  digest: string;
  mediaType: string;
  /** Those it needs first, itself last. */
  manifests: ManifestToWrite[];
  /** Layers and configs, each once; with text where they were not sent yet. */
  blobs: { digest: string; size: number; text: string | undefined }[];
  configDigests: string[];
  platforms: string[];
  size: number;
  layers: number;
}

const configSchema = z.object({
  os: z.string().default('linux'),
  architecture: z.string(),
  variant: z.string().optional(),
});

/** Files of an archive by name and by digest. */
export interface ArchiveFiles {
  /** Follows links. @throws Problem `invalid` when it is not in the archive */
  file(name: string): TakenFile;
  has(name: string): boolean;
  byDigest(digest: string): TakenFile | undefined;
}

/** The files of what was read, with links followed. */
export function filesOf({ files, links }: Taken): ArchiveFiles {
  const digests = new Map(Object.values(files).map((file) => [file.digest, file]));
  const resolve = (name: string) => {
    let at = name;
    for (let hops = 0; links[at] !== undefined && hops < 10; hops += 1) at = links[at] ?? at;
    return files[at];
  };
  return {
    file: (name) => resolve(name) ?? refuse('missing', { name }),
    has: (name) => resolve(name) !== undefined,
    byDigest: (digest) => digests.get(digest),
  };
}

/** Reads a JSON document of the archive. @throws Problem `invalid` */
export function documentOf<T>(file: TakenFile, name: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(file.document ?? refuse('notJson', { name }));
  } catch (error) {
    refuse('notJson', { name }, error);
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : refuse('badDocument', { name }, parsed.error);
}

/** The platform an image's config says it is for. */
export function platformOf(config: TakenFile, name: string): string {
  const { os, architecture, variant } = documentOf(config, name, configSchema);
  return [os, architecture, ...(variant === undefined || variant === '' ? [] : [variant])].join('/');
}

import type { Readable } from 'node:stream';
import { Problem } from '../../problem';
import { limits as standardLimits, type Limits } from './limits';
import { asDamage, openZip, type ZipEntry } from './zip-reader';

/** A package, its paths freed of a wrapping folder. */
export interface OpenCsar {
  files: readonly ZipEntry[];
  /** The one folder everything lies in, when there is one. */
  wrapper: string | undefined;
  has(path: string): boolean;
  /** Whether the path is a file, or a folder with files, or (as EdgeGallery writes it) lies in a zipped descriptor. */
  hasOrInside(path: string): boolean;
  /** The file that a manifest's path means, with or without the wrapping folder or a leading `./`. */
  resolve(path: string): string | undefined;
  /** Hands a file's stream over, and closes it afterwards. */
  read<T>(path: string, use: (stream: Readable) => Promise<T>): Promise<T>;
  /** A file's text. @throws Problem `too_large` */
  text(path: string): Promise<string>;
  /** The first bytes of a file. */
  head(path: string, atMost: number): Promise<Buffer>;
  close(): void;
}

/**
 * Opens a package within its bounds.
 *
 * @throws Problem `invalid`, `too_large`
 */
export async function openCsar(path: string, bounds: Partial<Limits> = {}): Promise<OpenCsar> {
  const limits = { ...standardLimits, ...bounds };
  const zip = await openZip(path, bounds);
  const wrapper = wrapperOf(zip.entries);
  const prefix = wrapper === undefined ? '' : `${wrapper}/`;
  const files = zip.entries.map((entry) => ({ path: entry.path.slice(prefix.length), size: entry.size }));
  const known = new Map(files.map((file) => [file.path, file]));
  const inZipped = (name: string) => {
    const folder = name.split('/')[0] ?? '';
    return (
      name.startsWith('APPD/') &&
      files.some((f) => f.path.startsWith(`${folder}/`) && f.path.endsWith('.zip'))
    );
  };
  return {
    files,
    wrapper,
    has: (name) => known.has(name),
    hasOrInside: (name) =>
      known.has(name) ||
      files.some((file) => file.path.startsWith(`${name.replace(/\/$/, '')}/`)) ||
      inZipped(name),
    resolve: (name) =>
      [name, name.replace(/^\.\//, ''), name.startsWith(prefix) ? name.slice(prefix.length) : name].find(
        (candidate) => known.has(candidate),
      ),
    read: async (name, use) => {
      const stream = await zip.stream(prefix + name);
      try {
        return await use(stream);
      } catch (error) {
        throw asDamage(error);
      } finally {
        stream.destroy();
      }
    },
    text: async (name) => {
      const size = known.get(name)?.size ?? 0;
      if (size > limits.documentBytes) {
        const params = { path: name, size, limit: limits.documentBytes };
        throw new Problem('too_large', 'packages.errors.documentTooLarge', params);
      }
      return (await zip.head(prefix + name, limits.documentBytes)).toString('utf8');
    },
    head: (name, atMost) => zip.head(prefix + name, atMost),
    close: () => {
      zip.close();
    },
  };
}

function wrapperOf(entries: readonly ZipEntry[]): string | undefined {
  const first = entries[0]?.path.split('/')[0];
  if (first === undefined || first === 'TOSCA-Metadata') return undefined;
  return entries.every((entry) => entry.path.startsWith(`${first}/`)) ? first : undefined;
}

import { isProblem, Problem } from '../../problem';
import type { Findings } from './findings';
import type { Limits } from './limits';
import type { OpenCsar } from './open-csar';
import { readDescriptor, type Descriptor } from './read-descriptor';
import { openZip, type OpenZip } from './zip-reader';

export interface NestedDescriptor {
  descriptor: Descriptor | undefined;
  /** Files of the zipped descriptor, as `APPD/app.zip!/Definition/app.yaml`. */
  files: { path: string; size: number }[];
}

/**
 * The file that holds the descriptor: what Entry-Definitions names, or, where that is a path inside the zipped
 * descriptor (EdgeGallery's container packages), the zip in APPD/, or a plain YAML file there.
 *
 * @param entry value of Entry-Definitions
 */
export function descriptorFileIn(csar: OpenCsar, entry: string | undefined): string | undefined {
  if (entry !== undefined && csar.has(entry)) return entry;
  const paths = csar.files.map((file) => file.path);
  return (
    paths.find((path) => /^APPD\/[^/]+\.zip$/i.test(path)) ??
    paths.find((path) => /^(APPD|Definitions?)\/.*\.ya?ml$/i.test(path) && !/types/i.test(path))
  );
}

/** Reads the descriptor, out of the archive in the archive where it is zipped. Nothing deeper is opened. */
export async function readNestedDescriptor(
  csar: OpenCsar,
  path: string | undefined,
  imageNames: ReadonlySet<string> | undefined,
  findings: Findings,
  limits: Limits,
): Promise<NestedDescriptor | undefined> {
  if (path === undefined) {
    findings.add('descriptorMissing', '');
    return undefined;
  }
  if (!/\.zip$/i.test(path)) {
    const siblings = csar.files.map((file) => file.path);
    const text = await csar.text(path);
    return { descriptor: readDescriptor(text, path, siblings, imageNames, findings), files: [] };
  }
  const zip = await openOrNote(csar, path, limits, findings);
  if (zip === undefined) return undefined;
  try {
    const shown = (name: string) => `${path}!/${name}`;
    const files = zip.entries.map((entry) => ({ path: shown(entry.path), size: entry.size }));
    const paths = zip.entries.map((entry) => entry.path);
    const main = mainFile(paths, await entryOf(zip));
    if (main === undefined) {
      findings.add('descriptorMissing', path);
      return { descriptor: undefined, files };
    }
    const text = (await zip.head(main, limits.documentBytes)).toString('utf8');
    const siblings = files.map((file) => file.path);
    return { descriptor: readDescriptor(text, shown(main), siblings, imageNames, findings), files };
  } finally {
    zip.close();
  }
}

/** Opens an archive that lies in a package. @throws Problem `too_large`, `invalid` */
export async function openNested(csar: OpenCsar, path: string, limits: Limits): Promise<OpenZip> {
  const size = csar.files.find((file) => file.path === path)?.size ?? 0;
  if (size > limits.nestedBytes) {
    throw new Problem('too_large', 'packages.errors.documentTooLarge', {
      path,
      size,
      limit: limits.nestedBytes,
    });
  }
  return await openZip(await csar.head(path, limits.nestedBytes), {
    ...limits,
    entries: limits.nestedEntries,
    totalBytes: limits.nestedBytes,
  });
}

/** A damaged archive is a remark; one that breaks a bound is hostile, and the package with it. */
async function openOrNote(
  csar: OpenCsar,
  path: string,
  limits: Limits,
  findings: Findings,
): Promise<OpenZip | undefined> {
  try {
    return await openNested(csar, path, limits);
  } catch (error) {
    if (!isProblem(error) || error.key !== 'packages.errors.notAnArchive') throw error;
    findings.add('descriptorUnreadable', path, undefined, { message: error.detail ?? '' });
    return undefined;
  }
}

async function entryOf(zip: OpenZip): Promise<string | undefined> {
  const meta = zip.entries.find((entry) => /(^|\/)TOSCA[^/]*\.meta$/i.test(entry.path));
  if (meta === undefined) return undefined;
  const text = (await zip.head(meta.path, 64 * 1024)).toString('utf8');
  return /^\s*Entry-Definitions\s*:\s*(.+?)\s*$/im.exec(text)?.[1];
}

function mainFile(paths: readonly string[], entry: string | undefined): string | undefined {
  const named =
    entry === undefined ? undefined : paths.find((path) => path === entry || path.endsWith(`/${entry}`));
  return named ?? paths.find((path) => /\.ya?ml$/i.test(path) && !/types/i.test(path));
}

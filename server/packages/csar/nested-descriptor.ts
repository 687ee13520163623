import { isProblem, Problem } from '../../problem';
import type { Findings } from './findings';
import type { Limits } from './limits';
import { readToscaMeta } from './metadata';
import { openCsar, type OpenCsar } from './open-csar';
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

/** A descriptor's text and where it stands. */
interface DescriptorSource {
  /** `APPD/app.zip!/Definition/app.yaml` for one that is zipped. */
  path: string;
  text: string;
  /** Files of the zipped descriptor, or of the whole package. */
  siblings: string[];
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
  const read = ({ path: at, text, siblings }: DescriptorSource) =>
    readDescriptor(text, at, siblings, imageNames, findings);
  if (!/\.zip$/i.test(path)) return { descriptor: read(await plainSource(csar, path)), files: [] };
  const zip = await openOrNote(csar, path, limits, findings);
  if (zip === undefined) return undefined;
  try {
    const files = zip.entries.map((entry) => ({ path: `${path}!/${entry.path}`, size: entry.size }));
    const source = await zippedSource(zip, path, limits);
    if (source === undefined) {
      findings.add('descriptorMissing', path);
      return { descriptor: undefined, files };
    }
    return { descriptor: read(source), files };
  } finally {
    zip.close();
  }
}

/**
 * The text of a package's descriptor.
 *
 * @param path the package's file
 * @throws Problem `invalid` when it has none, or is no package; `too_large`
 */
export async function descriptorText(path: string, limits: Limits): Promise<string> {
  const csar = await openCsar(path);
  try {
    const meta = 'TOSCA-Metadata/TOSCA.meta';
    const entry = csar.has(meta)
      ? readToscaMeta(await csar.text(meta)).head.get('entry-definitions')
      : undefined;
    const file = descriptorFileIn(csar, entry?.value);
    const source =
      file === undefined
        ? undefined
        : /\.zip$/i.test(file)
          ? await zippedText(csar, file, limits)
          : await plainSource(csar, file);
    if (source === undefined) throw new Problem('invalid', 'packages.errors.noTopology');
    return source.text;
  } finally {
    csar.close();
  }
}

async function zippedText(
  csar: OpenCsar,
  path: string,
  limits: Limits,
): Promise<DescriptorSource | undefined> {
  const zip = await openNested(csar, path, limits);
  try {
    return await zippedSource(zip, path, limits);
  } finally {
    zip.close();
  }
}

async function plainSource(csar: OpenCsar, path: string): Promise<DescriptorSource> {
  return { path, text: await csar.text(path), siblings: csar.files.map((file) => file.path) };
}

async function zippedSource(
  zip: OpenZip,
  path: string,
  limits: Limits,
): Promise<DescriptorSource | undefined> {
  const shown = (name: string) => `${path}!/${name}`;
  const paths = zip.entries.map((entry) => entry.path);
  const main = mainFile(paths, await entryOf(zip));
  if (main === undefined) return undefined;
  const text = (await zip.head(main, limits.documentBytes)).toString('utf8');
  return { path: shown(main), text, siblings: paths.map(shown) };
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

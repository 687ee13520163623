import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Problem } from '../../problem';
import type { Finding, PackageFile, PackageImage, Verification } from '../schemas';
import { Findings } from './findings';
import { limits as standardLimits, type Limits } from './limits';
import { readManifest, readToscaMeta, type Manifest } from './metadata';
import { descriptorFileIn, readNestedDescriptor, type NestedDescriptor } from './nested-descriptor';
import { openCsar, type OpenCsar } from './open-csar';
import { imagesFile, readImages } from './read-images';

/** All that a look into a package tells. */
export interface Inspected {
  name: string;
  provider: string;
  version: string;
  kind: 'vm' | 'container';
  description: string;
  files: PackageFile[];
  findings: Finding[];
  images: PackageImage[];
  /** Verified only when a manifest lists every file, and every hash is that of the bytes. */
  verification: Verification;
}

/**
 * Looks through a package: bounds first, then the hash of every file, then what its documents say and get wrong.
 * Tolerates every variant that was seen in the wild; only what cannot be named at all is refused.
 *
 * @param path path of the archive
 * @param options `signal` stops it; `onBytes` hears how many unpacked bytes of how many are hashed; `bounds` for tests
 * @throws Problem `invalid` or `too_large` when the archive is hostile or no package
 */
export async function inspectCsar(
  path: string,
  options: {
    signal?: AbortSignal | undefined;
    onBytes?: ((done: number, total: number) => void) | undefined;
    bounds?: Partial<Limits> | undefined;
  } = {},
): Promise<Inspected> {
  const csar = await openCsar(path, options.bounds);
  try {
    const findings = new Findings();
    if (csar.wrapper !== undefined) findings.add('wrappingFolder', csar.wrapper);
    const manifestFile = csar.files.map((file) => file.path).find((name) => /^[^/]+\.mf$/i.test(name));
    const hasMeta = csar.has('TOSCA-Metadata/TOSCA.meta');
    if (manifestFile === undefined && !hasMeta) throw new Problem('invalid', 'packages.errors.noPackage');
    const hashes = await hashAll(csar, options);
    const manifest = await manifestOf(csar, manifestFile, findings);
    const compared = compareHashes(csar, hashes, manifest, manifestFile, findings);
    const entry = await checkMeta(csar, manifestFile, findings);
    const known = new Set(csar.files.map((file) => file.path));
    const images = await imagesOf(csar, known, findings);
    const archive = descriptorFileIn(csar, entry);
    const names =
      images && new Set(images.flatMap((image) => [image.name, `${image.name}:${image.version}`]));
    const nested = await readNestedDescriptor(csar, archive, names, findings, {
      ...standardLimits,
      ...options.bounds,
    });
    return {
      ...identityOf(manifest, nested),
      files: filesOf(csar, hashes, compared.verdicts, manifestFile, nested),
      findings: findings.list(),
      images: images ?? [],
      verification: compared.verified ? 'verified' : 'unverified',
    };
  } finally {
    csar.close();
  }
}

async function hashAll(
  csar: OpenCsar,
  options: {
    signal?: AbortSignal | undefined;
    onBytes?: ((done: number, total: number) => void) | undefined;
  },
): Promise<Map<string, { sha256: string; sha512: string | undefined }>> {
  const total = csar.files.reduce((sum, file) => sum + file.size, 0);
  const hashes = new Map<string, { sha256: string; sha512: string | undefined }>();
  let done = 0;
  for (const { path, size } of csar.files) {
    const hash = createHash('sha256');
    // SOL 004 allows SHA-512 too; it costs twice, so only small files get it, which is where it is used.
    const longer = size < 64 * 1024 * 1024 ? createHash('sha512') : undefined;
    await csar.read(path, async (stream) => {
      await pipeline(
        stream,
        async (source: AsyncIterable<Buffer>) => {
          for await (const chunk of source) {
            hash.update(chunk);
            longer?.update(chunk);
            done += chunk.length;
            options.onBytes?.(done, total);
          }
        },
        { signal: options.signal },
      );
    });
    hashes.set(path, { sha256: hash.digest('hex'), sha512: longer?.digest('hex') });
  }
  return hashes;
}

async function manifestOf(
  csar: OpenCsar,
  file: string | undefined,
  findings: Findings,
): Promise<Manifest | undefined> {
  if (file === undefined) {
    findings.add('manifestMissing', '');
    return undefined;
  }
  const manifest = readManifest(await csar.text(file));
  for (const key of ['app_product_name', 'app_provider_id', 'app_package_version', 'app_class']) {
    if (!manifest.metadata.get(key)?.value)
      findings.add('manifestKeyMissing', file, undefined, { name: key });
  }
  if (manifest.signatureLine !== undefined) findings.add('signatureUnchecked', file, manifest.signatureLine);
  return manifest;
}

interface Compared {
  verified: boolean;
  /** Of the files that the manifest lists. */
  verdicts: Map<string, 'match' | 'mismatch'>;
}

function compareHashes(
  csar: OpenCsar,
  hashes: Map<string, { sha256: string; sha512: string | undefined }>,
  manifest: Manifest | undefined,
  manifestFile: string | undefined,
  findings: Findings,
): Compared {
  const verdicts: Compared['verdicts'] = new Map();
  if (manifest === undefined || manifestFile === undefined) return { verified: false, verdicts };
  let verified = manifest.sources.length > 0;
  for (const { path, algorithm, hash } of manifest.sources) {
    const name = csar.resolve(path.value);
    const actual = name === undefined ? undefined : hashes.get(name);
    if (name === undefined || actual === undefined) {
      findings.add('sourceMissing', manifestFile, path.line, { path: path.value });
      verified = false;
      continue;
    }
    const expected = algorithm.endsWith('512') ? actual.sha512 : actual.sha256;
    verdicts.set(name, expected === hash ? 'match' : 'mismatch');
    if (!/^SHA-?(256|512)$/.test(algorithm)) {
      findings.add('algorithmUnknown', manifestFile, path.line, { path: path.value, algorithm });
      verified = false;
    } else if (expected !== hash) {
      const params = { path: path.value, stated: hash.slice(0, 16), actual: (expected ?? '').slice(0, 16) };
      findings.add('hashMismatch', manifestFile, path.line, params);
      verified = false;
    }
  }
  for (const { path } of csar.files) {
    if (path === manifestFile || path === certificateOf(manifestFile) || verdicts.has(path)) continue;
    findings.add('fileUnlisted', path, undefined, { path });
    verified = false;
  }
  return { verified, verdicts };
}

/** The signer's certificate comes after the manifest it is for, which cannot list it; the signature proves it. */
const certificateOf = (manifestFile: string) => manifestFile.replace(/\.mf$/i, '.cert');

const unlisted = (path: string, manifestFile: string | undefined) =>
  manifestFile !== undefined && path === certificateOf(manifestFile) ? null : ('unlisted' as const);

/** @returns the path that Entry-Definitions names */
async function checkMeta(
  csar: OpenCsar,
  manifestFile: string | undefined,
  findings: Findings,
): Promise<string | undefined> {
  const file = 'TOSCA-Metadata/TOSCA.meta';
  if (!csar.has(file)) {
    findings.add('metaMissing', file);
    return undefined;
  }
  const meta = readToscaMeta(await csar.text(file));
  for (const key of ['tosca-meta-file-version', 'csar-version', 'created-by', 'entry-definitions']) {
    if (!meta.head.get(key)?.value) findings.add('metaKeyMissing', file, undefined, { name: key });
  }
  const stated = meta.head.get('etsi-entry-manifest');
  if (stated === undefined) findings.add('manifestUnnamed', file);
  else if (stated.value !== manifestFile) {
    findings.add('entryMissing', file, stated.line, { path: stated.value });
  }
  const entry = meta.head.get('entry-definitions');
  if (entry !== undefined && !csar.hasOrInside(entry.value)) {
    findings.add('entryMissing', file, entry.line, { path: entry.value });
  }
  for (const { path } of meta.named) {
    if (!csar.hasOrInside(path.value)) findings.add('nameMissing', file, path.line, { path: path.value });
  }
  return entry?.value;
}

async function imagesOf(
  csar: OpenCsar,
  known: ReadonlySet<string>,
  findings: Findings,
): Promise<PackageImage[] | undefined> {
  if (!csar.has(imagesFile)) {
    findings.add('imagesMissing', imagesFile);
    return undefined;
  }
  return readImages(await csar.text(imagesFile), known, findings);
}

function identityOf(manifest: Manifest | undefined, nested: NestedDescriptor | undefined) {
  const said = (key: string) => manifest?.metadata.get(key)?.value || undefined;
  const name = said('app_product_name') ?? said('app_name') ?? nested?.descriptor?.name;
  const version = said('app_package_version') ?? nested?.descriptor?.version;
  if (name === undefined || version === undefined) throw new Problem('invalid', 'packages.errors.nameless');
  const kind = /container/i.test(said('app_class') ?? '') ? ('container' as const) : ('vm' as const);
  return {
    name: name.slice(0, 120),
    version: version.slice(0, 40),
    provider: (said('app_provider_id') ?? nested?.descriptor?.provider ?? '').slice(0, 120),
    description: (said('app_package_description') ?? nested?.descriptor?.description ?? '').slice(0, 2000),
    kind,
  };
}

function filesOf(
  csar: OpenCsar,
  hashes: Map<string, { sha256: string }>,
  verdicts: Compared['verdicts'],
  manifestFile: string | undefined,
  nested: NestedDescriptor | undefined,
): PackageFile[] {
  const outer = csar.files.map(({ path, size }): PackageFile => ({
    path,
    size,
    sha256: hashes.get(path)?.sha256 ?? null,
    hash: path === manifestFile ? null : (verdicts.get(path) ?? unlisted(path, manifestFile)),
  }));
  const inner = (nested?.files ?? []).map(({ path, size }) => ({ path, size, sha256: null, hash: null }));
  return [...outer, ...inner];
}

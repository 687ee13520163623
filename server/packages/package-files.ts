/** Packages that lie in a file of another room: what they are, and what they say is to be run. */
import type { Readable } from 'node:stream';
import { Problem } from '../problem';
import type { AppTopology } from '../sites/stacks';
import { Findings } from './csar/findings';
import { inspectCsar, type Inspected } from './csar/inspect';
import { limits } from './csar/limits';
import { descriptorText } from './csar/nested-descriptor';
import { openCsar, type OpenCsar } from './csar/open-csar';
import { imagesFile, readImages } from './csar/read-images';
import { signatureOf, type SignatureState } from './csar/signature';
import { topologyOf } from './csar/topology';
import type { Finding, PackageImage } from './schemas';

/** Bytes of a deployment text at most; Helm's own limit for a release is 1 MiB. */
const maxTextBytes = 16 * 2 ** 20;

/** A package that was looked through. */
export interface PackageFacts extends Inspected {
  /** What keeps it from being verified, the worst first; undefined when it is. */
  against: Finding | undefined;
  /** Of its manifest. */
  signature: SignatureState;
}

/** What a package of containers is deployed by, as it lies there. */
export interface DeploymentFile {
  kind: 'chart' | 'manifests';
  fileName: string;
  content: Buffer;
}

/** Every method takes the absolute path of an archive. */
export interface PackageFiles {
  /**
   * Looks through all of it: bounds, every hash, its documents, its signature.
   *
   * @param call `signers`: certificates in PEM of those whose signatures count, or of their authorities
   * @throws Problem `invalid`, `too_large`
   */
  read(
    path: string,
    call: {
      signers?: string | undefined;
      signal?: AbortSignal | undefined;
      onBytes?: (done: number, total: number) => void;
    },
  ): Promise<PackageFacts>;
  /** The VMs it asks for, and the images it names. @throws Problem `invalid` when it describes none */
  topology(path: string): Promise<{ topology: AppTopology; images: PackageImage[] }>;
  /**
   * Hands a file of it over.
   *
   * @param name its path in the package
   * @throws Problem `invalid` when there is none; what `use` throws
   */
  file<T>(path: string, name: string, use: (content: Readable) => Promise<T>): Promise<T>;
  /** What is to be deployed of a package of containers. @throws Problem `invalid` when it has nothing of the kind */
  deployment(path: string): Promise<DeploymentFile>;
}

/** What each of these says is that some bytes are not proved. */
const unproved = [
  'hashMismatch',
  'sourceMissing',
  'fileUnlisted',
  'algorithmUnknown',
  'manifestMissing',
] as const;

export const packageFiles: PackageFiles = {
  async read(path, call) {
    const seen = await inspectCsar(path, call);
    const signature = await opened(path, (csar) => signatureOf(csar, call.signers ?? '', call.signal));
    return {
      ...seen,
      signature,
      against: seen.verification === 'verified' ? undefined : worstOf(seen.findings),
    };
  },
  async topology(path) {
    const topology = topologyOf(await descriptorText(path, limits));
    return { topology, images: await opened(path, imagesIn) };
  },
  file: (path, name, use) => opened(path, (csar) => csar.read(name, use)),
  deployment: (path) => opened(path, deploymentIn),
};

function worstOf(findings: readonly Finding[]): Finding {
  const found = unproved.flatMap((rule) => findings.filter((finding) => finding.rule === rule));
  // A manifest that lists no file at all proves nothing either.
  return found[0] ?? { severity: 'error', file: '', line: null, rule: 'manifestMissing', params: {} };
}

async function opened<T>(path: string, use: (csar: OpenCsar) => Promise<T>): Promise<T> {
  const csar = await openCsar(path);
  try {
    return await use(csar);
  } finally {
    csar.close();
  }
}

async function imagesIn(csar: OpenCsar): Promise<PackageImage[]> {
  if (!csar.has(imagesFile)) return [];
  const known = new Set(csar.files.map((file) => file.path));
  return readImages(await csar.text(imagesFile), known, new Findings()) ?? [];
}

async function deploymentIn(csar: OpenCsar): Promise<DeploymentFile> {
  const texts = csar.files.filter(({ path }) => path.startsWith('Artifacts/Deployment/'));
  const chart = texts.find(({ path }) => /\.(tgz|tar\.gz)$/i.test(path));
  const file = chart ?? texts.find(({ path }) => /\.ya?ml$/i.test(path));
  if (file === undefined) throw new Problem('invalid', 'packages.errors.noDeployment');
  if (file.size > maxTextBytes) {
    const params = { path: file.path, size: file.size, limit: maxTextBytes };
    throw new Problem('too_large', 'packages.errors.documentTooLarge', params);
  }
  return {
    kind: chart ? 'chart' : 'manifests',
    fileName: file.path.slice(file.path.lastIndexOf('/') + 1),
    content: await csar.head(file.path, maxTextBytes),
  };
}

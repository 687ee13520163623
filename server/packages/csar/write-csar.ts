import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Transform, type Readable } from 'node:stream';
import { Problem } from '../../problem';
import type { DeploymentText, PackageOrder } from '../order';
import { descriptorOf } from './descriptor';
import * as documents from './documents';
import { imageDescription, imageEntries, imageNames, type ImageEntry } from './image-desc';
import { fileNameOf } from './names';
import { nfvTypes, nfvTypesFile } from './nfv-types';
import {
  archiveInMemory,
  archiveOfOne,
  writeArchive,
  type ArchivePart,
  type StreamedContent,
  type WrittenArchive,
} from './zip-writer';

/**
 * Writes a package in EdgeGallery's layouts for VMs and for containers (its version 1.5 tree), with what ETSI GS NFV-SOL 004 asks for beside:
 * true SHA-256 of every file, and a TOSCA.meta that names only what is there. The manifest comes last, because an
 * image's hash is known once it has passed. The same order gives the same bytes.
 *
 * @param target path of the file to write
 * @param order what to pack
 * @param pathOf path of an image's file by image id
 * @param options `signal` stops it; `onBytes` hears the bytes written so far
 * @throws Problem `failed` when an image's bytes are not those of its digest; `not_found` when its file is gone
 */
export async function writeCsar(
  target: string,
  order: PackageOrder,
  pathOf: (imageId: string) => string | undefined,
  options: { signal?: AbortSignal | undefined; onBytes?: ((bytes: number) => void) | undefined } = {},
): Promise<WrittenArchive> {
  const name = fileNameOf(order.project.name);
  const at = order.project.updatedAt;
  const entries = imageEntries(order);
  const hashes = new Map<string, Hash>();
  const small = (await smallParts(order, entries, name)).map(({ path, text }) => ({
    path,
    content: Buffer.isBuffer(text) ? text : Buffer.from(text),
  }));
  const images = entries.flatMap((entry): ArchivePart[] => {
    if (entry.archive === undefined) return [];
    const { path, file } = entry.archive;
    const content = archiveOfOne(file, checkedImage(entry, pathOf(entry.image.id)), at);
    return [{ path, content: hashed(content, () => remember(hashes, path)) }];
  });
  const manifest = () => {
    const lines = [
      ...small.map(({ path, content }) => ({ path, sha256: sha256(content) })),
      ...images.map(({ path }) => ({ path, sha256: hashes.get(path)?.digest('hex') ?? '' })),
    ];
    return Buffer.from(documents.manifestOf(order, lines));
  };
  const parts = [...small, ...images, { path: `${name}.mf`, content: { late: manifest } }];
  return await writeArchive(target, parts, at, options);
}

async function smallParts(
  order: PackageOrder,
  entries: readonly ImageEntry[],
  name: string,
): Promise<{ path: string; text: string | Buffer }[]> {
  const { project, icon, containers } = order;
  const descriptor = `APPD/${name}.zip`;
  const iconFile = icon && `Artifacts/Other/icon.${icon.type.replace('image/', '').replace('+xml', '')}`;
  return [
    {
      path: 'TOSCA-Metadata/TOSCA.meta',
      text: documents.toscaMetaOf({
        provider: project.provider,
        manifest: `${name}.mf`,
        descriptor,
        imageArchives: entries.flatMap((entry) => entry.archive?.path ?? []),
      }),
    },
    { path: descriptor, text: await descriptorArchive(order, entries, name) },
    { path: 'Artifacts/ChangeLog.txt', text: documents.changeLogOf(order) },
    {
      path: `Artifacts/Docs/${name}.md`,
      text: project.readme === '' ? `# ${project.name}\n` : project.readme,
    },
    { path: 'Artifacts/Informational/user_guide.txt', text: documents.userGuideOf(order) },
    { path: 'Artifacts/Tests/health check.yaml', text: documents.healthCheckOf(order) },
    { path: documents.storyFile, text: documents.storyOf(order, iconFile) },
    ...(containers ? [deploymentPart(containers.deployment)] : []),
    ...(icon && iconFile ? [{ path: iconFile, text: Buffer.from(icon.base64, 'base64') }] : []),
    { path: 'Image/SwImageDesc.json', text: imageDescription(order, entries) },
  ];
}

/** EdgeGallery's place for charts; its tools look nowhere else for what to deploy. Manifests have a folder beside. */
function deploymentPart({ kind, fileName, base64 }: DeploymentText): { path: string; text: Buffer } {
  const folder = kind === 'chart' ? 'Charts' : 'Manifests';
  return { path: `Artifacts/Deployment/${folder}/${fileName}`, text: Buffer.from(base64, 'base64') };
}

async function descriptorArchive(
  order: PackageOrder,
  entries: readonly ImageEntry[],
  name: string,
): Promise<Buffer> {
  const file = `Definition/${name}.yaml`;
  const parts = [
    { path: 'TOSCA_VNFD.meta', content: documents.descriptorMetaOf(order.project.provider, file) },
    { path: file, content: descriptorOf(order, imageNames(order, entries)) },
    { path: `Definition/${nfvTypesFile}`, content: nfvTypes },
  ];
  return await archiveInMemory(
    parts.map(({ path, content }) => ({ path, content: Buffer.from(content) })),
    order.project.updatedAt,
  );
}

/** The image's bytes; the stream fails at its end when they are not those the digest promises. */
function checkedImage(entry: ImageEntry, path: string | undefined): StreamedContent {
  const { image } = entry;
  if (path === undefined) throw new Problem('not_found', 'packages.errors.imageGone', { image: image.name });
  return {
    size: image.size,
    open: () => {
      const hash = createHash('sha256');
      const check = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          hash.update(chunk);
          done(null, chunk);
        },
        flush(done) {
          if (`sha256:${hash.digest('hex')}` === image.digest) done();
          else done(new Problem('failed', 'packages.errors.imageChanged', { image: image.name }));
        },
      });
      return piped(createReadStream(path, { highWaterMark: 1 << 20 }), check);
    },
  };
}

function hashed(content: StreamedContent, start: () => Hash): StreamedContent {
  return {
    size: content.size,
    open: () => {
      const hash = start();
      const watch = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          hash.update(chunk);
          done(null, chunk);
        },
      });
      return piped(content.open(), watch);
    },
  };
}

/** Joins two streams so that an error or an early end of one reaches the other. */
function piped(source: Readable, through: Transform): Readable {
  source.on('error', (error) => through.destroy(error));
  through.on('close', () => source.destroy());
  return source.pipe(through);
}

function remember(hashes: Map<string, Hash>, path: string): Hash {
  const hash = createHash('sha256');
  hashes.set(path, hash);
  return hash;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** A file in a layer or in an archive. */
export interface PackedFile {
  path: string;
  content: Buffer;
  /** Permission bits. */
  mode?: number;
}

/** A piece of an image by its digest. */
export interface Blob {
  digest: string;
  mediaType: string;
  content: Buffer;
}

/** An OCI image in memory. */
export interface PackedImage {
  /** Of the manifest: what registries and nodes call the image's digest. */
  digest: string;
  manifest: Blob;
  config: Blob;
  layers: Blob[];
  /** As an OCI image layout in a tar (`oci-archive:` of skopeo), under this name. */
  ociArchive: (name: string) => Buffer;
  /** As `docker save` writes it, under this name. */
  dockerArchive: (name: string) => Buffer;
}

export interface ImageSettings {
  entrypoint: string[];
  environment?: string[];
  exposedPort?: number;
}

/** Packs layers to an image without any tool; the same input gives the same digests. */
export function packImage(layers: PackedFile[][], settings: ImageSettings): PackedImage {
  const tars = layers.map((files) => tar(files));
  const blobs = tars.map((content) => blob('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(content)));
  const config = jsonBlob('application/vnd.oci.image.config.v1+json', {
    architecture: 'amd64',
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: {
      Entrypoint: settings.entrypoint,
      Env: ['PATH=/', ...(settings.environment ?? [])],
      ...(settings.exposedPort !== undefined && {
        ExposedPorts: { [`${String(settings.exposedPort)}/tcp`]: {} },
      }),
    },
    rootfs: { type: 'layers', diff_ids: tars.map((content) => digestOf(content)) },
  });
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = jsonBlob(manifestType, {
    schemaVersion: 2,
    mediaType: manifestType,
    config: described(config),
    layers: blobs.map(described),
  });
  return {
    digest: manifest.digest,
    manifest,
    config,
    layers: blobs,
    ociArchive: (name) => ociArchive(name, manifest, [config, ...blobs]),
    dockerArchive: (name) => dockerArchive(name, config, tars),
  };
}

/** OCI image layout (https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md). */
function ociArchive(name: string, manifest: Blob, others: Blob[]): Buffer {
  const annotations = { 'org.opencontainers.image.ref.name': name, 'io.containerd.image.name': name };
  const index = { schemaVersion: 2, manifests: [{ ...described(manifest), annotations }] };
  return tar([
    jsonFile('oci-layout', { imageLayoutVersion: '1.0.0' }),
    jsonFile('index.json', index),
    ...[manifest, ...others].map(({ digest, content }) => ({
      path: `blobs/sha256/${digest.slice('sha256:'.length)}`,
      content,
    })),
  ]);
}

/** Docker's image archive, version 1.2 without its legacy parts. */
function dockerArchive(name: string, config: Blob, tars: Buffer[]): Buffer {
  const hex = (digest: string) => digest.slice('sha256:'.length);
  const layers = tars.map((content) => ({ path: `${hex(digestOf(content))}/layer.tar`, content }));
  const configFile = `${hex(config.digest)}.json`;
  return tar([
    { path: configFile, content: config.content },
    ...layers,
    jsonFile('manifest.json', [
      { Config: configFile, RepoTags: [name], Layers: layers.map(({ path }) => path) },
    ]),
  ]);
}

/** A POSIX ustar archive: sorted by nothing but the caller, of root's, from 1970. */
export function tar(files: PackedFile[]): Buffer {
  const blocks = files.flatMap(({ path, content, mode = 0o644 }) => {
    const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
    return [tarHeader(path, content.length, mode), content, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function tarHeader(path: string, size: number, mode: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`too long a name for this tar: ${path}`);
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, width: number) =>
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  header.write(path, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  // The checksum counts its own field as spaces.
  header.write('        0', 148, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return header;
}

function blob(mediaType: string, content: Buffer): Blob {
  return { digest: digestOf(content), mediaType, content };
}

function jsonBlob(mediaType: string, value: object): Blob {
  return blob(mediaType, Buffer.from(JSON.stringify(value)));
}

function jsonFile(path: string, value: object): PackedFile {
  return { path, content: Buffer.from(JSON.stringify(value)) };
}

function described({ digest, mediaType, content }: Blob): object {
  return { mediaType, digest, size: content.length };
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

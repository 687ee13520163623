import { createHash } from 'node:crypto';
import { z } from 'zod';
import { mediaTypes } from '../media-types';
import { documentOf, platformOf, type ArchiveFiles, type FoundImage } from './archive-files';
import { limits, refuse } from './limits';

const savedSchema = z
  .array(
    z.object({
      Config: z.string(),
      RepoTags: z.array(z.string()).nullish(),
      Layers: z.array(z.string()).max(limits.layers).nullish(),
    }),
  )
  .max(limits.images);
const rootfsSchema = z.object({ rootfs: z.object({ diff_ids: z.array(z.string()).nullish() }) });

/**
 * The images of an archive of `docker save` before version 25, whose `manifest.json` names configs and layers.
 *
 * Layers stay as they are, uncompressed: their digest is then the one the config names (`diff_ids`), known before a
 * byte is sent, and the same content keeps the same digest whatever wrote the archive. The registry has no type for
 * that in Docker's schema 2, so an OCI manifest names them; all that runs containers today reads it.
 *
 * @throws Problem `invalid` of `containers.archive.*`
 */
export function dockerImages(files: ArchiveFiles): FoundImage[] {
  const saved = documentOf(files.file('manifest.json'), 'manifest.json', savedSchema);
  return saved.map(({ Config, RepoTags, Layers }) => imageOf(files, Config, RepoTags ?? [], Layers ?? []));
}

function imageOf(files: ArchiveFiles, configName: string, names: string[], layerNames: string[]): FoundImage {
  const config = files.file(configName);
  const diffIds = documentOf(config, configName, rootfsSchema).rootfs.diff_ids ?? [];
  if (diffIds.length !== layerNames.length) {
    refuse('layerCount', { name: configName, config: diffIds.length, archive: layerNames.length });
  }
  const layers = layerNames.map((name, i) => {
    const layer = files.file(name);
    const expected = diffIds[i] ?? '';
    const found = layer.diffId ?? layer.digest;
    if (found !== expected) refuse('wrongDigest', { name, expected, found });
    const mediaType = layer.diffId === undefined ? mediaTypes.ociLayer : mediaTypes.ociLayerGzip;
    return { mediaType, digest: layer.digest, size: layer.size, text: layer.document };
  });
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: config.digest, size: config.size },
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  });
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const parts = [{ digest: config.digest, size: config.size, text: config.document }, ...layers];
  const blobs = [
    ...new Map(parts.map((part) => [part.digest, { digest: part.digest, size: part.size, text: part.text }])),
  ].map(([, blob]) => blob);
  return {
    names,
    tag: undefined,
    digest,
    mediaType: mediaTypes.ociManifest,
    manifests: [{ digest, mediaType: mediaTypes.ociManifest, text }],
    blobs,
    configDigests: [config.digest],
    platforms: [platformOf(config, configName)],
    size: text.length + blobs.reduce((sum, { size }) => sum + size, 0),
    layers: new Set(layers.map((layer) => layer.digest)).size,
  };
}

import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { z } from '@hono/zod-openapi';
import type { UserActor } from '../../access/actor';
import type { ArchiveChunk } from '../../containers/schemas';
import type { House } from '../../house';
import { Problem } from '../../problem';
import { readMultipart } from './multipart';

/** What is read of a refused chunk, so that its sender gets the answer instead of a broken connection. */
const drainBytes = 64 * 1024 * 1024;

const whole = z.coerce.number<string>();
/** The fields vue-simple-uploader sends; the room looks at their values. */
const sentFields = z.object({
  chunkNumber: whole,
  chunkSize: whole,
  currentChunkSize: whole,
  totalSize: whole,
  totalChunks: whole,
  identifier: z.string(),
  filename: z.string(),
});

/** What vue-simple-uploader says of a chunk. */
export type SentChunk = z.infer<typeof sentFields>;

/**
 * Takes one chunk of an archive of container images.
 *
 * @param uploadId what the upload is called; its identifier where the path has none
 * @param projectId where the images go; see {@link projectFor}
 * @throws Problem as {@link readChunk}, and as the room's `chunks` has them
 */
export async function takeChunk(
  house: House,
  actor: UserActor,
  request: Request,
  { uploadId, projectId }: { uploadId?: string; projectId?: string | undefined },
): Promise<void> {
  await readChunk(request, async ({ identifier, ...rest }, content) => {
    const chunk: ArchiveChunk = { key: uploadId ?? identifier, ...rest };
    const project = () => projectFor(house, actor, projectId, chunk.filename);
    await house.containers.chunks.receive(actor, chunk, project, content, request.signal);
  });
}

/**
 * Reads one chunk as vue-simple-uploader sends it: its fields stand before the file, in the form or in the query.
 *
 * @param take is given the fields and the bytes; what it leaves of them when it fails is read away
 * @throws Problem `invalid` without fields or file
 */
export async function readChunk(
  request: Request,
  take: (chunk: SentChunk, content: Readable) => Promise<void>,
): Promise<void> {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  let came = false;
  const limits = { fieldBytes: 4096, fields: 40, files: 1 };
  await readMultipart(request, limits, async ({ field, content }, fields) => {
    try {
      if (field !== 'file') throw missing('file');
      const parsed = sentFields.safeParse({ ...query, ...Object.fromEntries(fields) });
      if (!parsed.success) throw missing(String(parsed.error.issues[0]?.path[0] ?? ''));
      // Only the name of the path's upload may be used; the sender's own must be as harmless.
      if (/[/\\]|\.\./.test(parsed.data.identifier)) throw missing('identifier');
      await take(parsed.data, content);
      came = true;
    } catch (error) {
      await drain(content);
      throw error;
    }
  });
  if (!came) throw missing('file');
}

const missing = (field: string) => new Problem('invalid', 'containers.errors.chunkField', { field });

async function drain(content: Readable): Promise<void> {
  let left = drainBytes;
  content.on('error', () => undefined);
  content.on('data', (piece: Buffer) => {
    left -= piece.length;
    if (left < 0) content.destroy();
  });
  if (!content.readableEnded && !content.destroyed) await finished(content).catch(() => undefined);
}

/**
 * The project that uploaded images go to. EdgeGallery has none in these calls: without an id it is the caller's own
 * container project that is called as the file, which is made when it is not there.
 *
 * @returns id of the project
 * @throws Problem `conflict` when the caller's project of that name is one of VMs; the room looks at an id itself
 */
export function projectFor(
  house: House,
  actor: UserActor,
  projectId: string | undefined,
  fileName: string,
): string {
  if (projectId !== undefined) return projectId;
  const name = projectNameOf(fileName);
  const { projects } = house.workbench;
  const own = projects
    .list(actor)
    .find((each) => each.kind === 'container' && each.ownerId === actor.userId && each.name === name);
  if (own) return own.id;
  const made = projects.create(actor, {
    kind: 'container',
    name,
    provider: actor.name.slice(0, 60).trim() || 'EdgeGallery',
    type: 'Other',
    industry: 'Other',
    architecture: 'X86',
  });
  return made.id;
}

/** What a project may be called after a file: `web app_1.0.tar.gz` gives `web app_1.0`. */
function projectNameOf(fileName: string): string {
  const plain = fileName
    .replace(/(\.(tar|tgz|tzst|gz|zst|zstd|oci))+$/i, '')
    .replace(/[^\p{L}\p{N} ._-]+/gu, '-')
    .replace(/^[ ._-]+/, '')
    .slice(0, 60)
    .trim();
  return plain.length < 2 ? `image ${plain}`.trim() : plain;
}

/** Blobs: read with a connection that is taken up again, sent whole or in pieces, mounted. */
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { counted } from './counted';
import { mayPass, wireFault } from './faults';
import { digestName, repositoryName } from './names';
import { RegistryError, type Registry } from './oci';
import type { Answer, Wire } from './wire';

type Blobs = Pick<Registry, 'hasBlob' | 'blob' | 'putBlob' | 'streamBlob' | 'mount'>;

/** How often a blob's transfer is taken up again after a break without any progress in between. */
const takeUps = 4;
/** Bytes of a piece of a stream whose length nobody knows. */
const pieceBytes = 16 * 2 ** 20;

const pull = (repository: string) => [`repository:${repository}:pull`];
const push = (repository: string) => [`repository:${repository}:pull,push`];

/** The blob half of a registry's client. */
export function blobsOf(wire: Wire): Blobs {
  const blobPath = (repository: string, digest: string) =>
    `/v2/${repositoryName(repository)}/blobs/${digestName(digest)}`;

  const hasBlob: Blobs['hasBlob'] = async (repository, digest, call) => {
    const answer = await wire.ask({
      method: 'HEAD',
      path: blobPath(repository, digest),
      scopes: pull(repository),
      signal: call?.signal,
      ok: [200, 404],
    });
    return answer.status === 404 ? undefined : Number(answer.headers['content-length'] ?? 0);
  };

  const begin = async (repository: string, signal: AbortSignal | undefined): Promise<string> => {
    const path = `/v2/${repositoryName(repository)}/blobs/uploads/`;
    const answer = await wire.askWhole({ method: 'POST', path, scopes: push(repository), signal, ok: [202] });
    return locationOf(answer);
  };

  const complete = async (
    repository: string,
    location: string,
    digest: string,
    body: { stream: Readable; size: number } | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const url = new URL(location);
    url.searchParams.set('digest', digest);
    const answer = await wire.askWhole({
      method: 'PUT',
      path: url.href,
      scopes: push(repository),
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(body?.size ?? 0) },
      body: body?.stream ?? Buffer.alloc(0),
      signal,
      ok: [201, 204],
    });
    const found = answer.headers['docker-content-digest'];
    if (found !== undefined && found !== digest) {
      throw new RegistryError('wrongDigest', `sent ${digest}, the registry stored ${found}`, {
        url: answer.url,
      });
    }
  };

  const patch = async (
    repository: string,
    location: string,
    from: number,
    body: Buffer,
    signal: AbortSignal | undefined,
  ): Promise<string> => {
    const answer = await wire.askWhole({
      method: 'PATCH',
      path: location,
      scopes: push(repository),
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(body.length),
        'content-range': `${from}-${from + body.length - 1}`,
      },
      body,
      signal,
      ok: [202],
    });
    return locationOf(answer);
  };

  return {
    hasBlob,
    blob: (repository, digest, call) =>
      readBlob(wire, { path: blobPath(repository, digest), scopes: pull(repository), digest, ...call }),

    async putBlob(repository, { digest, size }, from, call) {
      if ((await hasBlob(repository, digest, call)) !== undefined) return { sent: 0 };
      let offset = 0;
      for (let failures = 0; ;) {
        const location = await begin(repository, call?.signal);
        const before = offset;
        try {
          // docker-registry throws away what came of a PUT that broke: the next upload begins at the start.
          const source = await from(0);
          const seen = counted({ digest, size }, location, (bytes) => {
            offset = bytes;
            call?.sent?.(bytes);
          });
          const watched = source.pipe(seen.through);
          source.on('error', (error) => watched.destroy(error));
          watched.on('close', () => source.destroy());
          await complete(repository, location, digest, { stream: watched, size }, call?.signal);
          return { sent: size };
        } catch (caught) {
          const error = wireFault(caught, location, call?.signal);
          await cancelUpload(wire, repository, location);
          failures = offset > before ? failures + 1 : failures + 2;
          const again = mayPass(error) || error.fault === 'unauthorized';
          if (!again || failures > takeUps) throw error;
          offset = 0;
        }
      }
    },

    async streamBlob(repository, source, call) {
      let location = await begin(repository, call?.signal);
      const seen = counted(call?.expected, location);
      let at = 0;
      try {
        await pipeline(source, seen.through, async (chunks: AsyncIterable<Buffer>) => {
          for await (const piece of piecesOf(chunks)) {
            location = await patch(repository, location, at, piece, call?.signal);
            at += piece.length;
          }
        });
        await complete(repository, location, seen.digest(), undefined, call?.signal);
        return { digest: seen.digest(), size: at };
      } catch (error) {
        await cancelUpload(wire, repository, location);
        throw error instanceof RegistryError || !isWireError(error)
          ? error
          : wireFault(error, location, call?.signal);
      }
    },

    async mount(repository, digest, fromRepository, call) {
      const query = new URLSearchParams({ mount: digestName(digest), from: repositoryName(fromRepository) });
      const answer = await wire.askWhole({
        method: 'POST',
        path: `/v2/${repositoryName(repository)}/blobs/uploads/?${query}`,
        scopes: [...push(repository), ...pull(fromRepository)],
        signal: call?.signal,
        ok: [201, 202],
      });
      if (answer.status === 201) return true;
      await cancelUpload(wire, repository, locationOf(answer));
      return false;
    },
  };
}

/** Whether a thrown error came from a socket of ours; the others are the source's own and keep their words. */
const isWireError = (error: unknown) =>
  error instanceof Error && 'code' in error && /^UND_/.test(String(error.code));

function locationOf(answer: Answer): string {
  const location = answer.headers['location'];
  if (location === undefined) {
    throw new RegistryError('notARegistry', `${answer.url}: an upload without an address`, {
      url: answer.url,
    });
  }
  return new URL(location, answer.url).href;
}

/** Lets the registry forget an upload; one that it has forgotten by itself is fine. */
async function cancelUpload(wire: Wire, repository: string, location: string): Promise<void> {
  const scopes = push(repository);
  try {
    await wire.askWhole({ method: 'DELETE', path: location, scopes, ok: [204, 200, 202, 404, 405] });
  } catch {
    // The registry drops stale uploads by itself; the error that led here is the one to tell.
  }
}

async function* piecesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.length;
    if (size < pieceBytes) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(parts);
}

interface BlobRead {
  path: string;
  scopes: string[];
  digest: string;
  signal?: AbortSignal | undefined;
  range?: { from: number; to: number } | undefined;
}

/** Reads a blob; what breaks in the middle goes on where it broke (RFC 9110, 14.2: Range). */
async function readBlob(wire: Wire, read: BlobRead): Promise<Readable> {
  const first = read.range?.from ?? 0;
  const open = async (at: number): Promise<Answer> => {
    const ranged = read.range !== undefined || at > 0;
    const range = `bytes=${at}-${read.range?.to ?? ''}`;
    const answer = await wire.ask({
      method: 'GET',
      path: read.path,
      scopes: read.scopes,
      headers: ranged ? { range } : {},
      signal: read.signal,
      ok: ranged ? [206, 200] : [200],
    });
    if (ranged && answer.status === 200 && at > 0) {
      answer.body.destroy();
      throw new RegistryError('unsupported', `${answer.url}: no ranges`, { url: answer.url });
    }
    return answer;
  };
  const begun = await open(first);
  const end = first + Number(begun.headers['content-length'] ?? Number.NaN);
  const out = read.range ? new PassThrough() : counted({ digest: read.digest }, begun.url).through;
  const carry = async () => {
    let answer: Answer | undefined = begun;
    let at = first;
    for (let failures = 0; ;) {
      try {
        answer ??= await open(at);
        for await (const chunk of answer.body as AsyncIterable<Buffer>) {
          at += chunk.length;
          failures = 0;
          if (!out.write(chunk)) await drained(out);
          if (out.destroyed) return;
        }
        // A server that ends early without an error must not pass for a short blob.
        if (Number.isNaN(end) || at >= end) break;
        throw new RegistryError('cut', `${begun.url}: ended at ${at} of ${end} bytes`, { url: begun.url });
      } catch (caught) {
        const error = wireFault(caught, begun.url, read.signal);
        answer?.body.destroy();
        answer = undefined;
        failures += 1;
        if (!mayPass(error) || failures > takeUps) throw error;
      }
    }
    out.end();
  };
  out.on('close', () => begun.body.destroy());
  carry().catch((error: unknown) => out.destroy(wireFault(error, begun.url, read.signal)));
  return out;
}

function drained(stream: PassThrough | ReturnType<typeof counted>['through']): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

import type { Readable } from 'node:stream';
import { wrongDigest } from './digest';
import { digestName, repositoryName, repositoryScope } from './names';
import { RegistryError } from './oci';
import type { Answer, Wire } from './wire';

/** Requests of an upload, one each (distribution specification 1.1, "Pushing blobs"). All throw RegistryError. */
export interface Uploads {
  /** The upload that a refused mount of this blob began, else a new one. @returns its address */
  beginOf(repository: string, digest: string, signal?: AbortSignal): Promise<string>;
  /** Begins an upload of a blob nobody knows the digest of. @returns its address */
  begin(repository: string, signal?: AbortSignal): Promise<string>;
  /** Takes a blob over from another repository. @returns whether that was done; else an upload has begun, and is kept */
  mount(repository: string, digest: string, other: string, signal?: AbortSignal): Promise<boolean>;
  /** Sends bytes that begin at an offset; never twice. @returns the upload's next address */
  append(
    at: { repository: string; location: string; offset: number },
    body: { bytes: Buffer | Readable; size: number },
    signal?: AbortSignal,
  ): Promise<string>;
  /** Ends an upload, with the bytes that are missing still. */
  complete(
    at: { repository: string; location: string; digest: string },
    body: { bytes: Buffer | Readable; size: number },
    signal?: AbortSignal,
  ): Promise<void>;
  /** Where an upload stands, bytes; undefined when the registry knows it no more. */
  standing(
    repository: string,
    location: string,
    signal?: AbortSignal,
  ): Promise<{ location: string; offset: number } | undefined>;
  /** Lets the registry forget an upload; one it has forgotten is fine. Never throws. */
  cancel(repository: string, location: string): Promise<void>;
  /** Cancels what was begun and never used. */
  cancelKept(): Promise<void>;
}

const cancelMs = 5_000;
/** Completing can take long where the registry moves the blob to a far storage. */
const completeMs = 300_000;
const octets = { 'content-type': 'application/octet-stream' };

/** The uploads of one registry. */
export function uploadsOf(wire: Wire): Uploads {
  /** Uploads that a refused mount began. */
  const kept = new Map<string, string>();

  const pushTo = (repository: string) => [repositoryScope(repository, 'pull', 'push')];
  const uploadsPath = (repository: string) => `/v2/${repositoryName(repository)}/blobs/uploads/`;

  const begin: Uploads['begin'] = async (repository, signal) => {
    const scopes = pushTo(repository);
    const path = uploadsPath(repository);
    return locationOf(wire, await wire.askWhole({ method: 'POST', path, scopes, signal, ok: [202] }));
  };

  const cancel: Uploads['cancel'] = async (repository, location) => {
    try {
      const signal = AbortSignal.timeout(cancelMs);
      const scopes = pushTo(repository);
      await wire.askWhole({
        method: 'DELETE',
        path: location,
        scopes,
        signal,
        tries: 1,
        ok: [204, 200, 202, 404, 405],
      });
    } catch {
      // The registry drops stale uploads by itself; the error that led here is the one to tell.
    }
  };

  return {
    begin,
    cancel,
    async beginOf(repository, digest, signal) {
      const key = `${repository} ${digest}`;
      const begun = kept.get(key);
      kept.delete(key);
      return begun ?? (await begin(repository, signal));
    },
    async mount(repository, digest, other, signal) {
      const query = new URLSearchParams({ mount: digestName(digest), from: repositoryName(other) });
      const scopes = [...pushTo(repository), repositoryScope(other, 'pull')];
      const path = `${uploadsPath(repository)}?${query}`;
      const answer = await wire.askWhole({ method: 'POST', path, scopes, signal, ok: [201, 202] });
      if (answer.status === 202) kept.set(`${repository} ${digest}`, locationOf(wire, answer));
      return answer.status === 201;
    },
    async append({ repository, location, offset }, { bytes, size }, signal) {
      const answer = await wire.askWhole({
        method: 'PATCH',
        path: location,
        scopes: pushTo(repository),
        headers: {
          ...octets,
          'content-length': String(size),
          'content-range': `${offset}-${offset + size - 1}`,
        },
        body: bytes,
        tries: 1,
        signal,
        ok: [202, 204],
      });
      return locationOf(wire, answer);
    },
    async complete({ repository, location, digest }, { bytes, size }, signal) {
      const url = new URL(location);
      url.searchParams.set('digest', digestName(digest));
      const answer = await wire.askWhole({
        method: 'PUT',
        path: url.href,
        scopes: pushTo(repository),
        headers: { ...octets, 'content-length': String(size) },
        body: bytes,
        tries: 1,
        headersMs: completeMs,
        signal,
        ok: [201, 204],
      });
      const stored = answer.headers['docker-content-digest'];
      if (stored !== undefined && stored !== digest)
        throw wrongDigest('the blob as it was stored', digest, stored, answer.url);
    },
    async standing(repository, location, signal) {
      const scopes = pushTo(repository);
      const ok = [204, 200, 202, 400, 404, 405, 416];
      const answer = await wire.askWhole({ method: 'GET', path: location, scopes, signal, ok });
      const last = /^(?:bytes=)?0-(\d+)$/.exec(answer.headers['range'] ?? '')?.[1];
      if (answer.status >= 400 || last === undefined) return undefined;
      // "0-0" is said for an upload without a byte as well as for one with one: from the start it is right for both,
      // because a byte twice makes a wrong digest, and that begins anew.
      const offset = last === '0' ? 0 : Number(last) + 1;
      const next = answer.headers['location'] === undefined ? location : locationOf(wire, answer);
      return { location: next, offset };
    },
    async cancelKept() {
      const all = [...kept].map(([key, location]) => cancel(key.split(' ')[0] ?? '', location));
      kept.clear();
      await Promise.all(all);
    },
  };
}

function locationOf(wire: Wire, answer: Answer): string {
  const location = answer.headers['location'];
  if (location === undefined || !URL.canParse(location, answer.url))
    throw new RegistryError('notARegistry', `${answer.url}: an upload without an address`, {
      url: answer.url,
    });
  const url = new URL(location, answer.url);
  const own = new URL(wire.url);
  // A registry behind a proxy that ends TLS often does not know that it is reached by https.
  if (own.protocol === 'https:' && url.protocol === 'http:' && url.hostname === own.hostname) {
    url.protocol = own.protocol;
    url.port = own.port;
  }
  return url.href;
}

/** A small sender of the tus protocol (tus.io, version 1.0.0), so that tests can cut it wherever they like. */
import type { Person } from './people';

export interface TusUpload {
  /** Path of the upload. */
  location: string;
  /** How much the server has. */
  offset: () => Promise<number>;
  /** Sends bytes from an offset on. @returns the raw answer */
  send(offset: number, bytes: Buffer): Promise<Response>;
}

/**
 * Announces an upload.
 *
 * @param path the tus endpoint
 * @param size bytes in all
 * @param metadata as tus carries it
 * @throws Error with the server's problem when it is refused
 */
export async function announce(
  person: Person,
  path: string,
  size: number,
  metadata: Record<string, string>,
): Promise<TusUpload> {
  const response = await announceRaw(person, path, size, metadata);
  const location = response.headers.get('location');
  if (response.status !== 201 || location === null)
    throw new Error(`upload refused: ${response.status} ${await response.text()}`);
  return tusUpload(person, location);
}

/**
 * An upload that was announced before, perhaps to an earlier process of the server.
 *
 * @param location its path
 */
export function tusUpload(person: Person, location: string): TusUpload {
  const tus = { 'tus-resumable': '1.0.0' };
  return {
    location,
    offset: async () => {
      const head = await person.rest.fetch(location, { method: 'HEAD', headers: tus });
      return Number(head.headers.get('upload-offset') ?? Number.NaN);
    },
    send: (offset, bytes) =>
      person.rest.fetch(location, {
        method: 'PATCH',
        headers: {
          ...tus,
          'upload-offset': String(offset),
          'content-type': 'application/offset+octet-stream',
        },
        body: new Uint8Array(bytes),
      }),
  };
}

/** Announces an upload and gives the raw answer, for those that must be refused. */
export function announceRaw(
  person: Person,
  path: string,
  size: number,
  metadata: Record<string, string>,
): Promise<Response> {
  const header = Object.entries(metadata)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',');
  return person.rest.fetch(path, {
    method: 'POST',
    headers: { 'tus-resumable': '1.0.0', 'upload-length': String(size), 'upload-metadata': header },
  });
}

/** Sends a whole buffer. @throws Error when the server refuses it */
export async function upload(
  person: Person,
  path: string,
  bytes: Buffer,
  metadata: Record<string, string>,
): Promise<TusUpload> {
  const started = await announce(person, path, bytes.length, metadata);
  const response = await started.send(0, bytes);
  if (response.status !== 204) throw new Error(`upload failed: ${response.status} ${await response.text()}`);
  return started;
}

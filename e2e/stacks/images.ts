/** Images sent to a server and followed until they are taken in or refused. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Person } from './people';
import { upload } from './tus';

export interface ImageAnswer {
  id: string;
  name: string;
  state: 'uploading' | 'checking' | 'ready' | 'failed';
  format: string | null;
  digest: string | null;
  size: number;
  virtualSize: number;
  error: { code: string; key: string; params: Record<string, string | number> } | null;
  proofs: { phase: string | null; passed: boolean; hasScreenshot: boolean }[];
}

/** Where images are uploaded. */
export const imageUploads = '/api/v1/images/uploads';

/** Sends an image and waits until the server has made up its mind. */
export async function sendImage(
  person: Person,
  format: string,
  bytes: Buffer,
  more: Record<string, string> = {},
): Promise<ImageAnswer> {
  const { location } = await upload(person, imageUploads, bytes, {
    filename: `disk.${format}`,
    name: `A disk of ${format}`,
    format,
    ...more,
  });
  return settledImage(person, location.split('/').at(-1) ?? '');
}

/** Waits until an image is ready or failed. */
export function settledImage(person: Person, id: string, seconds = 60): Promise<ImageAnswer> {
  return person.rest.until(
    async () => (await person.rest.call<ImageAnswer>('GET', `/api/v1/images/${id}`)).body,
    ({ state }) => state === 'ready' || state === 'failed',
    seconds,
  );
}

/** Removes an image and makes sure that it is gone. */
export async function removeImage(person: Person, id: string): Promise<void> {
  await person.rest.expect(204, 'DELETE', `/api/v1/images/${id}`);
  await person.rest.expect(404, 'GET', `/api/v1/images/${id}`);
}

/** Files of images that are neither kept images nor the built-in ones: what uploads and conversions left. */
export function leftovers(dataDir: string): string[] {
  return ['incoming', 'work'].flatMap((folder) =>
    readdirSync(join(dataDir, 'images', folder)).map((name) => join(folder, name)),
  );
}

import { expect, it } from 'vitest';
import type { Actor } from '../access/actor';
import type { PackageImage } from '../packages/schemas';
import { imageSource, readerOf, visibleRepositories } from './workbench-images';

const signal = new AbortController().signal;
const digest = `sha256:${'1'.repeat(64)}`;
const image: PackageImage = {
  name: 'a/web:1',
  version: '1',
  mode: 'reference',
  digest,
  md5: null,
  size: 1,
  virtualSize: null,
  format: '',
  architecture: 'X86',
  os: null,
  location: null,
  mediaType: null,
  platforms: [],
};
const bo: Actor = { userId: 'bo', name: 'Bo', role: 'developer', scopes: ['read'], via: 'system' };

it('takes a release’s images only from what its publisher sees', async () => {
  const source = imageSource(
    (userId) => (userId === 'gone' ? undefined : { ...bo, userId }),
    () => ({
      locate: (actor) =>
        Promise.resolve(
          actor.userId === 'bo' ? { repository: 'workbench/projects/p/a/web', digest } : undefined,
        ),
    }),
    { usable: () => undefined, artifactOf: () => Promise.reject(new Error('nobody’s disk')) },
  );
  const ask = (publisherId: string) => source(image, { publisherId, signal, progress: () => undefined });
  expect(await ask('bo')).toMatchObject({ digest });
  expect(await ask('cy')).toBeUndefined();
  expect(await ask('gone')).toBeUndefined();
});

it('gives nobody rights who is disabled', () => {
  const user = { id: 'bo', name: 'Bo', email: 'bo@example.org', role: 'developer' as const, createdAt: 0 };
  const users = (disabled: boolean) => ({ users: { get: () => ({ ...user, disabled }) } }) as never;
  expect(readerOf(users(false), 'bo')).toMatchObject({ userId: 'bo', role: 'developer' });
  expect(readerOf(users(true), 'bo')).toBeUndefined();
});

it('names the repositories of one’s projects and images', () => {
  const images = { list: () => [{ id: 'img_1' }] as never };
  expect(visibleRepositories(bo, { projectIdsOf: () => ['prj_1'] }, images)).toEqual([
    'projects/prj_1/*',
    'disks/img_1',
  ]);
  expect(visibleRepositories(bo, { projectIdsOf: () => 'all' }, images)).toEqual(['*']);
});

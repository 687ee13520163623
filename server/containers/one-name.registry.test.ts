import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startRegistry, type TestRegistry } from '../../e2e/stacks/registry';
import { pushImage, testImage } from '../../e2e/stacks/test-image';
import type { RoomRegistry } from '../registries/registries';
import { testRegistries } from '../registries/testing';
import { repositoryOf } from './names';
import { owner, testContainers } from './testing';

const image = testImage({ version: 'raced' });
const { digest } = image.manifest;
const signal = new AbortController().signal;
let ours: Awaited<ReturnType<typeof testRegistries>>;
let theirs: TestRegistry;

beforeAll(async () => {
  ours = await testRegistries();
  await vi.waitFor(() => ours.room.of('workbench'), { timeout: 20_000 });
  theirs = await startRegistry({ tls: undefined });
  await pushImage(image, { url: theirs.url, repository: 'acme/web', tag: '1' });
});
afterAll(async () => {
  await theirs.stop();
  await ours.close();
});

/** The workbench's registry, whose next deletion of a manifest waits. */
function slowToDelete(home: RoomRegistry) {
  let begun: () => void = () => undefined;
  let release: () => void = () => undefined;
  const deleting = new Promise<void>((resolve) => (begun = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  const registry: RoomRegistry['registry'] = {
    ...home.registry,
    async deleteManifest(repository, reference, call) {
      begun();
      await released;
      await home.registry.deleteManifest(repository, reference, call);
    },
  };
  return { home: { ...home, registry }, deleting, release };
}

it('keeps an image that gets another name while its last one is removed', async () => {
  const { home, deleting, release } = slowToDelete(await ours.room.of('workbench'));
  const at = testContainers({
    of: () => Promise.resolve(home),
    pullAccess: (...args) => ours.room.pullAccess(...args),
    revokePull: (holder) => ours.room.revokePull(holder),
  });
  const reference = `${new URL(theirs.url).host}/acme/web:1`;
  const pulled = await at.done(at.room.pull(owner, 'prj', { reference, plainHttp: true }));
  const { imageId } = pulled.result as { imageId: string };
  const adopt = (name: string) => at.room.adopt(owner, { projectId: 'prj', imageId, name }, signal);
  const first = await adopt('a/web:1');

  const removing = at.room.remove(owner, first.id);
  await deleting;
  const adopting = adopt('a/web:2');
  const path = repositoryOf(home, { projectId: 'prj', name: 'a/web' });
  // While the registry answers so often, one that does not wait has come to its end.
  for (let asked = 0; asked < 50; asked += 1) await home.registry.head(path, digest);
  release();
  await removing;
  await adopting;
  expect(at.room.list(owner, 'prj').map(({ name, tag }) => `${name}:${tag}`)).toContain('a/web:2');
  expect(await home.registry.head(path, '2')).toMatchObject({ digest });
  await at.close();
});

it('copies a pulled image again whose name was removed before the pull ended', async () => {
  const { home, release } = slowToDelete(await ours.room.of('workbench'));
  release();
  const at = testContainers({
    of: () => Promise.resolve(home),
    pullAccess: (...args) => ours.room.pullAccess(...args),
    revokePull: (holder) => ours.room.revokePull(holder),
  });
  const reference = `${new URL(theirs.url).host}/acme/web:1`;
  const path = repositoryOf(home, { projectId: 'other', name: reference.replace(/:1$/, '') });
  let gone = false;
  const head = home.registry.head.bind(home.registry);
  home.registry.head = async (repository, wanted, call) => {
    // Asked for by its digest: the copy is done.
    if (!gone && repository === path && wanted === digest) {
      gone = true;
      await home.registry.deleteManifest(path, digest);
    }
    return await head(repository, wanted, call);
  };
  const job = at.room.pull(owner, 'other', { reference, plainHttp: true });
  expect(await at.done(job)).toMatchObject({ state: 'done', error: undefined });
  expect(gone).toBe(true);
  expect(await head(path, '1')).toMatchObject({ digest });
  await at.close();
});

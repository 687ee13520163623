import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startRegistry, type TestRegistry } from '../../e2e/stacks/registry';
import { pushImage, testImage } from '../../e2e/stacks/test-image';
import { testRegistries } from '../registries/testing';
import { repositoryOf } from './names';
import { owner, testContainers, tusSender } from './testing';

const image = testImage({ version: 'gone' });
const signal = new AbortController().signal;
const text = `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: 'a/web:1'}]}\n`;
let ours: Awaited<ReturnType<typeof testRegistries>>;
let theirs: TestRegistry;
let reference = '';

beforeAll(async () => {
  ours = await testRegistries();
  await vi.waitFor(() => ours.room.of('workbench'), { timeout: 20_000 });
  theirs = await startRegistry({ tls: undefined });
  await pushImage(image, { url: theirs.url, repository: 'acme/web', tag: '1' });
  reference = `${new URL(theirs.url).host}/acme/web:1`;
});
afterAll(async () => {
  await theirs.stop();
  await ours.close();
});

it('keeps neither the text nor an upload of a project that had no image', async () => {
  const at = testContainers(ours.room);
  await at.room.text.save(owner, { projectId: 'prj', content: { kind: 'manifests', text }, basedOn: null });
  const tus = tusSender(await at.listening);
  await tus.create(1000, { filename: 'half.tar', projectId: 'prj' });
  expect(at.room.uploads(owner, 'prj')).toHaveLength(1);
  expect(at.room.belongings.list('prj')).toEqual([]);
  await at.room.belongings.forget?.('prj', signal);
  expect(at.room.text.get(owner, 'prj')).toBeNull();
  expect(at.room.uploads(owner, 'prj')).toEqual([]);
  await at.close();
});

it('takes away what a pull brought that ended after the project was deleted', async () => {
  const at = testContainers(ours.room);
  const job = at.room.pull(owner, 'prj', { reference, plainHttp: true });
  at.projects.splice(at.projects.indexOf('prj'), 1);
  await at.room.belongings.forget?.('prj', signal);
  expect(await at.done(job)).toMatchObject({
    state: 'failed',
    error: { code: 'gone', key: 'containers.errors.noProject' },
  });
  expect(at.room.belongings.list('prj')).toEqual([]);
  const home = await ours.room.of('workbench');
  const path = repositoryOf(home, { projectId: 'prj', name: reference.replace(/:1$/, '') });
  expect(await home.registry.head(path, image.manifest.digest)).toBeUndefined();
  await at.close();
});

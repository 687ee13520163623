import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startRegistry, type TestRegistry } from '../../e2e/stacks/registry';
import { pushImage, testImage } from '../../e2e/stacks/test-image';
import { Problem } from '../problem';
import { testRegistries } from '../registries/testing';
import { owner, testContainers, tusSender } from './testing';

const dir = mkdtempSync(join(tmpdir(), 'edgeyard-containers-'));
const image = testImage({ version: '1' });
const signal = new AbortController().signal;
let ours: Awaited<ReturnType<typeof testRegistries>>;
let theirs: TestRegistry;
let at: ReturnType<typeof testContainers>;
let origin = '';

const archive = (name: string) => join(dir, name);
function skopeo(...args: string[]): void {
  execFileSync('skopeo', ['copy', '--src-tls-verify=false', ...args], { stdio: 'pipe' });
}

beforeAll(async () => {
  ours = await testRegistries();
  await vi.waitFor(() => ours.room.of('workbench'), { timeout: 20_000 });
  theirs = await startRegistry({ tls: undefined });
  await pushImage(image, { url: theirs.url, repository: 'acme/web', tag: '1' });
  const source = `docker://${new URL(theirs.url).host}/acme/web:1`;
  skopeo(source, `docker-archive:${archive('docker.tar')}:a/web:1`);
  skopeo(source, `oci-archive:${archive('oci.tar')}:b/web:1`);
  at = testContainers(ours.room);
  at.jobs.run();
  origin = await at.listening;
});
afterAll(async () => {
  await at.close();
  await theirs.stop();
  await ours.close();
  rmSync(dir, { recursive: true, force: true });
});

async function sendWhole(bytes: Buffer, filename: string): Promise<Response> {
  const tus = tusSender(origin);
  const made = await tus.create(bytes.length, { filename, projectId: 'prj' });
  expect(made.status).toBe(201);
  return await tus.send(made.headers.get('location') ?? '', 0, bytes);
}

const uploadDone = (fileName: string) =>
  vi.waitFor(
    () => {
      const upload = at.room.uploads(owner, 'prj').find((each) => each.fileName === fileName);
      expect(upload).toMatchObject({ state: 'done', error: null });
    },
    { timeout: 20_000 },
  );

const named = (name: string) =>
  at.room.list(owner, 'prj').find((each) => `${each.name}:${each.tag}` === name);

describe('archives on a real registry', () => {
  it('takes what docker save writes, and keeps its layers as they are', async () => {
    const sent = await sendWhole(readFileSync(archive('docker.tar')), 'docker.tar');
    expect([sent.status, await sent.text()]).toEqual([204, '']);
    await uploadDone('docker.tar');
    const found = named('a/web:1');
    expect(found).toMatchObject({
      platforms: ['linux/amd64'],
      source: { kind: 'upload', fileName: 'docker.tar' },
    });
    const detail = await at.room.get(owner, found?.id ?? '', signal);
    expect(detail.contents).toHaveLength(1);
    expect(detail.contents[0]?.layers.every(({ mediaType }) => mediaType.endsWith('.tar'))).toBe(true);
    const { registry, repository } = await ours.room.of('workbench');
    const stored = await registry.head(repository('projects', 'prj', 'a', 'web'), '1');
    expect(stored?.digest).toBe(found?.digest);
  });

  it('takes an OCI archive, packed, in pieces, with the digest it has', async () => {
    const bytes = gzipSync(readFileSync(archive('oci.tar')));
    const tus = tusSender(origin);
    const made = await tus.create(bytes.length, { filename: 'oci.tgz', projectId: 'prj' });
    const location = made.headers.get('location') ?? '';
    const half = Math.floor(bytes.length / 2);
    expect((await tus.send(location, 0, bytes.subarray(0, half))).status).toBe(204);
    expect(await tus.offset(location)).toBe(half);
    expect((await tus.send(location, half + 5, bytes.subarray(half))).status).toBe(409);
    expect((await tus.send(location, half, bytes.subarray(half))).status).toBe(204);
    await uploadDone('oci.tgz');
    const source = await (
      await ours.room.of('workbench')
    ).registry.head((await ours.room.of('workbench')).repository('projects', 'prj', 'b', 'web'), '1');
    expect(named('b/web:1')?.digest).toBe(source?.digest);
    expect(named('a/web:1')?.digest).not.toBe(named('b/web:1')?.digest);
  });

  it('says what is there already, and gives it a further name', async () => {
    const digest = named('b/web:1')?.digest ?? '';
    expect(at.room.known(owner, { projectId: 'other', digests: [digest] })).toMatchObject([
      { digest, sameProject: false, image: { name: 'b/web' } },
    ]);
    const adopted = await at.room.adopt(
      owner,
      { projectId: 'other', imageId: named('b/web:1')?.id ?? '', name: 'quay.io/c/web:2' },
      signal,
    );
    expect(adopted).toMatchObject({ name: 'quay.io/c/web', tag: '2', digest });
    await at.room.remove(owner, adopted.id);
    expect(at.room.list(owner, 'other')).toEqual([]);
  });

  it('pulls by name', async () => {
    const host = new URL(theirs.url).host;
    const reference = `${host}/acme/web:1`;
    const job = at.room.pull(owner, 'prj', { reference, plainHttp: true });
    expect(await at.done(job)).toMatchObject({ state: 'done', error: undefined });
    expect(named(reference)).toMatchObject({ source: { kind: 'pull', from: reference } });
  });

  it('pulls no image that is for other platforms than asked for, and names those', async () => {
    const host = new URL(theirs.url).host;
    const platforms = [{ os: 'linux', architecture: 'arm64' }];
    const job = at.room.pull(owner, 'prj', { reference: `${host}/acme/web:1`, plainHttp: true, platforms });
    expect(await at.done(job)).toMatchObject({
      state: 'failed',
      error: {
        code: 'not_found',
        key: 'registries.errors.faults.noPlatform',
        params: { address: host, asked: 'linux/arm64', platforms: 'linux/amd64' },
      },
    });
  });

  it('goes on after the server was started again', async () => {
    const bytes = readFileSync(archive('docker.tar'));
    const size = bytes.length;
    const made = await tusSender(origin).create(size, {
      filename: 'again.tar',
      projectId: 'prj',
      name: 'x:1',
    });
    const location = made.headers.get('location') ?? '';
    const half = Math.floor(size / 2);
    expect((await tusSender(origin).send(location, 0, bytes.subarray(0, half))).status).toBe(204);
    await at.close();
    at = testContainers(ours.room, at.db);
    await at.room.open();
    at.jobs.run();
    origin = await at.listening;
    const tus = tusSender(origin);
    // What the earlier process had only in its memory is asked for again.
    const offset = await tus.offset(location);
    expect(offset).toBeLessThanOrEqual(half);
    expect((await tus.send(location, offset, bytes.subarray(offset))).status).toBe(204);
    await uploadDone('again.tar');
    expect((await tusSender(origin, 'somebody').send(location, 0, bytes)).status).toBe(404);
  });

  it('leaves nothing when a part cannot come up', async () => {
    const text = `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: 'a/web:1'}]}\n`;
    await at.room.text.save(owner, { projectId: 'prj', content: { kind: 'manifests', text }, basedOn: null });
    at.site.controls.failNext(
      'deploy',
      new Problem('failed', 'workloads.errors.imagePull', { part: 'web', image: 'a' }),
    );
    const input = { projectId: 'prj', siteId: 'edge', name: 'fails' };
    const { job, deployment } = await at.room.deployments.create(owner, input, signal);
    expect(await at.done(job)).toMatchObject({ state: 'failed', undoError: undefined });
    expect(await at.room.deployments.get(owner, deployment.id, signal)).toMatchObject({
      state: 'failed',
      error: { key: 'workloads.errors.imagePull' },
      refusals: { remove: null, logs: 'containers.gates.nothingThere' },
    });
    expect(at.site.controls.calls).toContain(`remove ${deployment.id}`);
    expect(at.revoked).toContain(`testDeployment:${deployment.id}`);
    await at.done(at.room.deployments.remove(owner, deployment.id));
    at.room.text.remove(owner, 'prj');
  });

  it('tells what is missing of a text, and fetches it', async () => {
    const reference = `${new URL(theirs.url).host}/acme/other:1`;
    const text = `apiVersion: v1\nkind: Pod\nmetadata: {name: o}\nspec: {containers: [{name: o, image: '${reference}'}]}\n`;
    const saved = await at.room.text.save(owner, {
      projectId: 'prj',
      content: { kind: 'manifests', text },
      basedOn: null,
    });
    await expect(
      at.room.text.save(owner, { projectId: 'prj', content: { kind: 'manifests', text }, basedOn: null }),
    ).rejects.toMatchObject({ key: 'containers.errors.textChanged' });
    const { images } = await at.room.text.check(owner, { projectId: 'prj' }, signal);
    expect(images).toMatchObject([{ reference, image: null, usedIn: ['Pod/o: o'], line: 4 }]);
    const create = { projectId: 'prj', siteId: 'edge', name: 'early' };
    await expect(at.room.deployments.create(owner, create, signal)).rejects.toMatchObject({
      key: 'containers.errors.imageNotHeld',
    });
    await expect(at.room.packageFacts(owner, 'prj')).rejects.toMatchObject({
      key: 'containers.errors.imageNotHeld',
    });
    const [job] = await at.room.text.fetchMissing(owner, 'prj', signal);
    // That registry speaks plain HTTP, which nobody allowed here.
    expect(job && (await at.done(job))).toMatchObject({
      state: 'failed',
      error: { params: { address: new URL(theirs.url).host } },
    });
    expect(saved.updatedAt).toBeGreaterThan(0);
    at.room.text.remove(owner, 'prj');
  });

  it('refuses an archive whose layer was changed', async () => {
    const bytes = Buffer.from(readFileSync(archive('oci.tar')));
    // In the middle of the 2 MiB of the shared layer, which gzip did not make smaller.
    const spot = Math.floor(bytes.length / 2);
    bytes[spot] = (bytes[spot] ?? 0) ^ 0xff;
    const sent = await sendWhole(bytes, 'changed.tar');
    expect(sent.status).toBe(422);
    expect(await sent.json()).toMatchObject({ key: 'containers.archive.wrongDigest' });
    const upload = at.room.uploads(owner, 'prj').find(({ fileName }) => fileName === 'changed.tar');
    expect(upload).toMatchObject({ state: 'failed', error: { key: 'containers.archive.wrongDigest' } });
  });

  it('deploys by digest, and takes everything away', async () => {
    const text = `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: 'a/web:1'}]}\n`;
    await at.room.text.save(owner, { projectId: 'prj', content: { kind: 'manifests', text }, basedOn: null });
    const input = { projectId: 'prj', siteId: 'edge', name: 'try' };
    const { job, deployment } = await at.room.deployments.create(owner, input, signal);
    expect(await at.done(job)).toMatchObject({ state: 'done', error: undefined });
    const sent = JSON.stringify(at.site.controls.specOf(deployment.id)?.objects);
    expect(sent).toContain(`projects/prj/a/web@${named('a/web:1')?.digest ?? ''}`);
    expect(await at.room.deployments.get(owner, deployment.id, signal)).toMatchObject({ state: 'ready' });
    await expect(at.room.remove(owner, named('a/web:1')?.id ?? '')).rejects.toMatchObject({
      key: 'containers.errors.imageUsed',
    });

    // A new version under the same name: what runs the old one by digest can still pull it.
    const old = named('a/web:1')?.digest ?? '';
    const other = at.room.list(owner, 'prj').find(({ digest }) => digest !== old);
    const imageId = other?.id ?? '';
    await at.room.adopt(owner, { projectId: 'prj', imageId, name: 'a/web:1' }, signal);
    const kept = at.room.list(owner, 'prj').find(({ digest, tag }) => digest === old && tag === '');
    expect(await at.room.get(owner, kept?.id ?? '', signal)).toMatchObject({ name: 'a/web', digest: old });
    expect(await at.room.locate(owner, old)).toMatchObject({ digest: old });

    await at.done(at.room.deployments.remove(owner, deployment.id));
    expect(at.room.deployments.list(owner, 'prj')).toEqual([]);
    expect(at.site.controls.specOf(deployment.id)).toBeUndefined();
    expect(at.revoked).toContain(`testDeployment:${deployment.id}`);
  });
});

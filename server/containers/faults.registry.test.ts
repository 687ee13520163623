import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { packImage, tar } from '../../e2e/stacks/pack-image';
import { startRegistry, type TestRegistry } from '../../e2e/stacks/registry';
import { openRegistry } from '../oci/open-registry';
import type { Registry } from '../oci/oci';
import type { ContainerPorts } from './ports';
import { owner, testContainers, tusSender } from './testing';

let theirs: TestRegistry;
let client: Registry;
let at: ReturnType<typeof testContainers>;
let origin = '';

beforeAll(async () => {
  theirs = await startRegistry();
  client = openRegistry({ url: theirs.url });
  const home = {
    role: 'workbench' as const,
    registry: client,
    repository: (...path: string[]) => path.join('/'),
    address: theirs.address,
  };
  const registries: ContainerPorts['registries'] = {
    of: () => Promise.resolve(home),
    pullAccess: () => Promise.resolve({ address: theirs.address, plainHttp: true }),
    revokePull: () => undefined,
  };
  at = testContainers(registries);
  at.jobs.run();
  origin = await at.listening;
});
afterAll(async () => {
  await at.close();
  await client.close();
  await theirs.stop();
});

const random = (seed: string, size: number) => {
  const block = createHash('sha512').update(seed).digest();
  return Buffer.concat(
    Array.from({ length: Math.ceil(size / 64) }, (_, i) =>
      createHash('sha512').update(block).update(String(i)).digest(),
    ),
  ).subarray(0, size);
};

/** An OCI archive of an image with layers of 2 MiB. */
function ociArchive(name: string): Buffer {
  const image = packImage(
    [1, 2, 3].map((i) => [{ path: `layer${i}`, content: random(`${name}${i}`, 2 ** 21) }]),
    { entrypoint: ['/layer1'] },
  );
  const index = {
    schemaVersion: 2,
    manifests: [
      {
        mediaType: image.manifest.mediaType,
        digest: image.manifest.digest,
        size: image.manifest.content.length,
        annotations: { 'org.opencontainers.image.ref.name': name },
      },
    ],
  };
  return tar([
    { path: 'oci-layout', content: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
    ...[...image.layers, image.config, image.manifest].map(({ digest, content }) => ({
      path: `blobs/sha256/${digest.slice(7)}`,
      content,
    })),
    { path: 'index.json', content: Buffer.from(JSON.stringify(index)) },
  ]);
}

const uploadOf = (fileName: string) =>
  at.room.uploads(owner, 'prj').find((each) => each.fileName === fileName);

describe('when the registry goes away', () => {
  it('keeps the upload, and goes on when it is back', async () => {
    const bytes = ociArchive('a/kept:1');
    const tus = tusSender(origin);
    const made = await tus.create(bytes.length, { filename: 'kept.tar', projectId: 'prj' });
    const location = made.headers.get('location') ?? '';
    const half = Math.floor(bytes.length / 2);
    expect((await tus.send(location, 0, bytes.subarray(0, half))).status).toBe(204);
    await theirs.kill();
    const refused = await tus.send(location, half, bytes.subarray(half));
    expect([refused.status, await refused.text()]).toEqual([
      503,
      expect.stringContaining('registries.errors') as string,
    ]);
    expect(uploadOf('kept.tar')).toMatchObject({ state: 'receiving', error: null });
    await theirs.restart();
    const offset = await tus.offset(location);
    expect((await tus.send(location, offset, bytes.subarray(offset))).status).toBe(204);
    await vi.waitFor(() => expect(uploadOf('kept.tar')?.state).toBe('done'), { timeout: 20_000 });
    expect(at.room.list(owner, 'prj').map(({ name }) => name)).toEqual(['a/kept']);
  });

  it('fails the pull with the reason, and has nothing half', async () => {
    await theirs.kill();
    const job = at.room.pull(owner, 'prj', { reference: `${theirs.address}/a/b:1`, plainHttp: true });
    expect(await at.done(job)).toMatchObject({
      state: 'failed',
      error: { code: 'unavailable', key: 'registries.errors.faults.unreachable' },
    });
    await theirs.restart();
    expect(at.room.list(owner, 'prj')).toHaveLength(1);
  });

  it('forgets a login with its pull, and never shows it', async () => {
    const login = { user: 'robot', password: 'planted-secret-of-a-pull' };
    const reference = `${theirs.address}/a/none:1`;
    const ask = () => at.room.pull(owner, 'prj', { reference, plainHttp: true, login }, 'once');
    const job = ask();
    expect(ask().id).toBe(job.id);
    const over = await at.done(job);
    expect(over.state).toBe('failed');
    expect(JSON.stringify([over, at.jobs.log(job.id)])).not.toContain(login.password);
    expect(JSON.stringify(at.db.$client.prepare('select * from jobs').all())).not.toContain(login.password);
    expect(ask().id).toBe(job.id);
    expect(at.secrets.left()).toEqual([]);
  });
});

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RegistryError, type Registry } from '../oci/oci';
import { admin, testRegistries } from './testing';

const run = promisify(execFile);
const sha256 = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

let at: Awaited<ReturnType<typeof testRegistries>>;
beforeAll(async () => {
  at = await testRegistries();
  await at.room.of('workbench');
});
afterAll(() => at.close());

async function putBlob(registry: Registry, repository: string, text: string) {
  const bytes = Buffer.from(text);
  const blob = { digest: sha256(bytes), size: bytes.length };
  await registry.putBlob(repository, blob, (offset) => Readable.from([bytes.subarray(offset)]));
  return blob;
}

function manifestOf(config: { digest: string; size: number }, layers: { digest: string; size: number }[]) {
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.example.config.v1+json', ...config },
      layers: layers.map((layer) => ({ mediaType: 'application/vnd.example.layer.v1', ...layer })),
    }),
  );
}

/** Puts a small artifact and tells its digest. */
async function putArtifact(registry: Registry, repository: string, tag: string | undefined, content: string) {
  const config = await putBlob(registry, repository, '{}');
  const layer = await putBlob(registry, repository, content);
  const bytes = manifestOf(config, [layer]);
  const digest = sha256(bytes);
  await registry.putManifest(repository, tag ?? digest, 'application/vnd.oci.image.manifest.v1+json', bytes);
  return { digest, layer, size: bytes.length };
}

/** An image on disk as skopeo reads it. */
function imageFolder(content: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'edgeyard-oci-'));
  const blob = (bytes: Buffer) => {
    writeFileSync(join(dir, sha256(bytes).slice(7)), bytes);
    return { digest: sha256(bytes), size: bytes.length };
  };
  const layer = blob(Buffer.from(content));
  const config = blob(
    Buffer.from(
      JSON.stringify({
        os: 'linux',
        architecture: 'amd64',
        created: '2026-01-02T03:04:05Z',
        rootfs: { type: 'layers', diff_ids: [layer.digest] },
      }),
    ),
  );
  writeFileSync(join(dir, 'version'), 'Directory Transport Version: 1.1\n');
  writeFileSync(
    join(dir, 'manifest.json'),
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
    }),
  );
  return dir;
}

async function push(image: string, { user, secret }: { user: string; secret: string }) {
  const { address } = await at.room.of('workbench');
  return run('skopeo', [
    'copy',
    '--dest-tls-verify=false',
    `--dest-creds=${user}:${secret}`,
    `dir:${imageFolder('layer')}`,
    `docker://${address}/${image}`,
  ]);
}

describe('the bundled registry', () => {
  it('keeps what the rooms put there, each in its own part', async () => {
    const { registry, repository } = await at.room.of('workbench');
    const { digest } = await putArtifact(registry, repository('disks', 'tiny'), '1', 'tiny disk');
    expect(await registry.head('workbench/disks/tiny', '1')).toMatchObject({ digest });
    const foreign = (await at.room.of('store')).registry;
    await expect(putBlob(foreign, 'workbench/disks/tiny', 'no')).rejects.toBeInstanceOf(RegistryError);
  });

  it('copies from room to room, and says how', async () => {
    const { registry, repository } = await at.room.of('workbench');
    const { digest } = await putArtifact(registry, repository('app'), '1', 'the app');
    const said: string[] = [];
    const copy = () =>
      at.room.copy(
        { role: 'workbench', repository: 'workbench/app', reference: digest },
        { role: 'store', repository: 'store/app', reference: '1' },
        { log: ({ key }) => said.push(key) },
      );
    expect(await copy()).toMatchObject({ digest, outcome: 'copied' });
    expect(await copy()).toMatchObject({ digest, outcome: 'unchanged' });
    expect(said).toEqual(['registries.copy.copied', 'registries.copy.unchanged']);
  });

  it('takes a robot’s push where it may, and nowhere else', async () => {
    const robot = at.room.robots.create(admin, {
      name: 'ci',
      role: 'workbench',
      right: 'push',
      repositories: ['team/*'],
    });
    await push('workbench/team/web:1', robot);
    await expect(push('store/team/web:1', robot)).rejects.toThrow(/denied|unauthorized|authentication/);
    await expect(push('workbench/other:1', robot)).rejects.toThrow(/denied|unauthorized|authentication/);
    await expect(push('workbench/team/web:1', { ...robot, secret: 'wrong' })).rejects.toThrow(/wrong|unauth/);
    const seen = await at.room.browse.repository(admin, 'workbench', 'workbench/team/web');
    expect(seen.artifacts[0]).toMatchObject({
      tags: ['1'],
      platforms: [{ os: 'linux', architecture: 'amd64' }],
      created: Date.parse('2026-01-02T03:04:05Z'),
    });
    at.room.robots.revoke(admin, robot.id);
    await expect(push('workbench/team/web:2', robot)).rejects.toThrow(/wrong|unauth/);
  });

  it('lets a person pull with an API token, as far as the role goes', async () => {
    const { registry } = await at.room.of('workbench');
    await putArtifact(registry, 'workbench/shared', '1', 'for developers');
    await putArtifact((await at.room.of('store')).registry, 'store/shared', '1', 'for operators');
    const { address } = await at.room.of('workbench');
    const inspect = (name: string) =>
      run('skopeo', [
        'inspect',
        '--raw',
        '--tls-verify=false',
        '--creds=ada:eyt_developer',
        `docker://${address}/${name}`,
      ]);
    await inspect('workbench/shared:1');
    await expect(inspect('store/shared:1')).rejects.toThrow();

    // Another project's images are as closed here as they are on its pages.
    await putArtifact(registry, 'workbench/projects/theirs/web', '1', 'for its project');
    await expect(inspect('workbench/projects/theirs/web:1')).rejects.toThrow();
    const developer = { ...admin, role: 'developer' as const };
    const names = (await at.room.browse.repositories(developer, 'workbench')).map(({ title }) => title);
    expect(names).toContain('shared');
    expect(names).not.toContain('projects/theirs/web');
    await expect(
      at.room.browse.repository(developer, 'workbench', 'workbench/projects/theirs/web'),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(push('workbench/shared:2', { user: 'ada', secret: 'eyt_developer' })).rejects.toThrow();
  });

  it('gives a site a login that pulls and does no more', async () => {
    const { registry, repository } = await at.room.of('workbench');
    const { digest } = await putArtifact(registry, repository('pulled'), '1', 'to be pulled');
    const pull = await at.room.pullAccess('workbench', ['workbench/pulled'], 'deployment:1');
    expect(await at.room.pullAccess('workbench', ['workbench/pulled'], 'deployment:1')).toEqual(pull);
    const creds = `${pull.login?.user}:${pull.login?.password}`;
    const inspect = (name: string) =>
      run('skopeo', [
        'inspect',
        '--raw',
        '--tls-verify=false',
        `--creds=${creds}`,
        `docker://${pull.address}/${name}`,
      ]);
    const { stdout } = await inspect(`workbench/pulled@${digest}`);
    expect(sha256(Buffer.from(stdout))).toBe(digest);
    await expect(inspect('workbench/app:1')).rejects.toThrow();
    const login = { user: pull.login?.user ?? '', secret: pull.login?.password ?? '' };
    await expect(push('workbench/pulled:2', login)).rejects.toThrow();
    expect(at.room.pullHolders()).toEqual(['deployment:1']);
    at.room.revokePull('deployment:1');
    expect(at.room.pullHolders()).toEqual([]);
    await expect(inspect(`workbench/pulled@${digest}`)).rejects.toThrow();
  });

  it('is back after it was killed, with everything', async () => {
    const { registry } = await at.room.of('workbench');
    const { pid, restarts } = await at.room.bundled();
    process.kill(pid ?? 0, 'SIGKILL');
    await vi.waitFor(async () => expect((await at.room.bundled()).restarts).toBe(restarts + 1), 10_000);
    await at.room.of('workbench');
    expect(await registry.head('workbench/disks/tiny', '1')).toBeDefined();
  });

  it('shows all six lights', async () => {
    const lights = [];
    for await (const light of at.room.examine({ role: 'workbench' }))
      lights.push(`${light.light} ${light.state}`);
    expect(lights).toEqual(['dns ok', 'tcp ok', 'tls warn', 'login ok', 'api ok', 'push ok']);
    const names = (await at.room.browse.repositories(admin, 'workbench')).map(({ title }) => title);
    expect(names).toContain('disks/tiny');
    expect(names).not.toContain('connection-test');
  });

  it('deletes what nothing uses, and says what uses the rest', async () => {
    const { registry } = await at.room.of('workbench');
    const kept = await putArtifact(registry, 'workbench/kept', '1', 'kept');
    const gone = await putArtifact(registry, 'workbench/gone', '1', 'gone');
    at.room.usedBy((_, __, digest) =>
      digest === kept.digest ? [{ kind: 'release', id: 'r', name: 'Kept 1.0', href: undefined }] : [],
    );
    const { browse } = at.room;
    await expect(browse.remove(admin, 'workbench', 'workbench/kept', kept.digest)).rejects.toMatchObject({
      key: 'registries.errors.inUse',
      params: { name: 'Kept 1.0', others: 0 },
    });
    await browse.remove(admin, 'workbench', 'workbench/gone', gone.digest);
    expect(await registry.head('workbench/gone', '1')).toBeUndefined();
    await expect(browse.repository(admin, 'workbench', 'workbench/gone')).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('deletes an image for several platforms whole, and no part of it', async () => {
    const { registry } = await at.room.of('workbench');
    const parts = [
      await putArtifact(registry, 'workbench/multi', undefined, 'one'),
      await putArtifact(registry, 'workbench/multi', undefined, 'two'),
    ];
    const index = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests: parts.map(({ digest, size }, number) => ({
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          digest,
          size,
          platform: { os: 'linux', architecture: number === 0 ? 'amd64' : 'arm64' },
        })),
      }),
    );
    await registry.putManifest('workbench/multi', '1', 'application/vnd.oci.image.index.v1+json', index);
    const { browse } = at.room;
    const seen = await browse.repository(admin, 'workbench', 'workbench/multi');
    expect(seen.artifacts).toMatchObject([
      {
        tags: ['1'],
        kind: 'index',
        platforms: [
          { os: 'linux', architecture: 'amd64' },
          { os: 'linux', architecture: 'arm64' },
        ],
      },
    ]);
    const [first] = parts;
    await expect(
      browse.remove(admin, 'workbench', 'workbench/multi', first?.digest ?? ''),
    ).rejects.toMatchObject({
      key: 'registries.errors.member',
    });
    await browse.remove(admin, 'workbench', 'workbench/multi', sha256(index));
    for (const { digest } of parts) expect(await registry.head('workbench/multi', digest)).toBeUndefined();
  });
});

describe('the collection of garbage', () => {
  it('frees what was deleted, and loses no push that runs at the same time', async () => {
    const { registry } = await at.room.of('workbench');
    const old = await putArtifact(registry, 'workbench/old', '1', 'x'.repeat(100_000));
    await registry.deleteManifest('workbench/old', old.digest);
    // A push that is half done: its blobs are there, its manifest is not.
    const config = await putBlob(registry, 'workbench/half', '{}');
    const layer = await putBlob(registry, 'workbench/half', 'half a push');
    const job = at.room.collectGarbage(admin);
    const during = Promise.all(
      Array.from({ length: 10 }, (_, number) =>
        putArtifact(registry, `workbench/during-${number}`, '1', `pushed meanwhile ${number}`),
      ),
    );
    const done = await at.jobs.settled(job.id);
    expect(done.error).toBeUndefined();
    expect(done.result).toMatchObject({ freed: expect.any(Number) as number });
    expect((done.result as { freed: number }).freed).toBeGreaterThanOrEqual(100_000);
    expect(await registry.hasBlob('workbench/old', old.layer.digest)).toBeUndefined();
    const bytes = manifestOf(config, [layer]);
    await registry.putManifest('workbench/half', '1', 'application/vnd.oci.image.manifest.v1+json', bytes);
    for (const { digest, layer: its } of await during) {
      const index = (await during).findIndex((each) => each.digest === digest);
      expect(await registry.head(`workbench/during-${index}`, '1')).toMatchObject({ digest });
      expect(await registry.hasBlob(`workbench/during-${index}`, its.digest)).toBe(its.size);
    }
    expect((await at.room.bundled()).lastCollected).toMatchObject({ freed: expect.any(Number) as number });
  });
});

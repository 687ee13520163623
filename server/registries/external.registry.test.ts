import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testCa, type TestCa } from '../../e2e/stacks/certificates';
import { startRegistry, type TestRegistry } from '../../e2e/stacks/registry';
import type { Registry } from '../oci/oci';
import type { ExamineRegistry, RegistryLight, SetRegistry } from './schemas';
import { admin, testRegistries } from './testing';

const sha256 = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const ociManifest = 'application/vnd.oci.image.manifest.v1+json';

let at: Awaited<ReturnType<typeof testRegistries>>;
let ca: TestCa;
let secured: TestRegistry;
beforeAll(async () => {
  ca = testCa();
  secured = await startRegistry({ tls: ca, htpasswd: { yard: 'open sesame' } });
  at = await testRegistries();
});
afterAll(async () => {
  await at.close();
  await secured.stop();
});

async function putArtifact(
  registry: Registry,
  repository: string,
  reference: string | undefined,
  text: string,
) {
  const blob = async (content: Buffer, mediaType: string) => {
    const descriptor = { digest: sha256(content), size: content.length };
    await registry.putBlob(repository, descriptor, (offset) => Readable.from([content.subarray(offset)]));
    return { mediaType, ...descriptor };
  };
  const config = await blob(Buffer.from('{}'), 'application/vnd.example.config.v1+json');
  const layers = [await blob(Buffer.from(text), 'application/vnd.example.layer.v1')];
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: ociManifest, config, layers }));
  const digest = sha256(bytes);
  await registry.putManifest(repository, reference ?? digest, ociManifest, bytes);
  return digest;
}

const external = (): Extract<SetRegistry, { kind: 'external' }> => ({
  kind: 'external',
  config: { url: secured.url, prefix: 'team/edge', ca: ca.certificate, user: 'yard' },
  password: 'open sesame',
});

async function lightsOf(input: ExamineRegistry): Promise<RegistryLight[]> {
  const lights = [];
  for await (const light of at.room.examine(input)) lights.push(light);
  return lights;
}
const states = (lights: RegistryLight[]) => lights.map(({ light, state }) => `${light} ${state}`);

describe('the test of a connection', () => {
  it('shows the certificate, and trusts it once it is given', async () => {
    const { config, password } = external();
    const { ca: _, ...untrusting } = config;
    const before = await lightsOf({ role: 'store', config: untrusting, password });
    expect(states(before).slice(2)).toEqual(['tls failed', 'login skipped', 'api skipped', 'push skipped']);
    const pem = before[2]?.certificate?.pem;
    expect(before[2]?.certificate).toMatchObject({
      trusted: false,
      fingerprint: expect.any(String) as string,
    });
    const after = await lightsOf({ role: 'store', config: { ...config, ca: pem }, password });
    expect(states(after)).toEqual(['dns ok', 'tcp ok', 'tls ok', 'login ok', 'api ok', 'push ok']);
  });

  it('tells a wrong password, a wrong port, and what is no registry', async () => {
    const { config } = external();
    const wrong = await lightsOf({ role: 'store', config, password: 'guess' });
    expect(wrong[3]).toMatchObject({ state: 'failed', says: 'registries.errors.faults.unauthorized' });
    expect(JSON.stringify(wrong)).not.toContain('guess');
    const nobody = await lightsOf({ role: 'store', config: { url: 'http://127.0.0.1:9', prefix: '' } });
    expect(nobody[1]).toMatchObject({ state: 'failed', says: 'registries.errors.faults.unreachable' });
    const other = await lightsOf({ role: 'store', config: { url: at.baseUrl, prefix: '' } });
    expect(other[3]).toMatchObject({ state: 'failed', says: 'registries.errors.faults.notARegistry' });
  });
});

describe('a move', () => {
  it('takes everything along, tags and what has none, and switches', async () => {
    const before = await at.room.of('store');
    const tagged = await putArtifact(before.registry, before.repository('app'), '1.0', 'tagged');
    const bare = await putArtifact(before.registry, before.repository('deep', 'app'), undefined, 'bare');
    const job = await at.room.set(admin, 'store', external());
    const done = await at.jobs.settled(job?.id ?? '');
    expect(done.error).toBeUndefined();
    expect(done.result).toMatchObject({ artifacts: 3 });

    const after = await at.room.of('store');
    expect(after.address).toBe(secured.address);
    expect(after.repository('app')).toBe('team/edge/app');
    expect((await after.registry.head('team/edge/app', '1.0'))?.digest).toBe(tagged);
    expect((await after.registry.head('team/edge/deep/app', bare))?.digest).toBe(bare);
    const row = (await at.room.adminList())[1];
    expect(row).toMatchObject({ kind: 'external', state: 'ready', hasSecret: true, login: 'password' });
    expect(JSON.stringify([row, at.audited, done])).not.toContain('open sesame');
  });

  it('gives sites the configured login, or the one that may only pull when there is one', async () => {
    const pullLogin = async () =>
      (await at.room.pullAccess('store', ['team/edge/app'], 'deployment:1')).login;
    const pullsWith = async () => (await at.room.adminList())[1]?.pullsWith;
    expect([await pullsWith(), await pullLogin()]).toEqual([
      'configured',
      { user: 'yard', password: 'open sesame' },
    ]);
    const { config, password } = external();
    const withPull = { kind: 'external' as const, config: { ...config, pullUser: 'puller' }, password };
    await expect(at.room.set(admin, 'store', withPull)).rejects.toMatchObject({
      key: 'registries.errors.passwordMissing',
    });
    await at.room.set(admin, 'store', { ...withPull, pullPassword: 'only look' });
    expect([await pullsWith(), await pullLogin()]).toEqual([
      'own',
      { user: 'puller', password: 'only look' },
    ]);
    // Saved again without passwords: those that are stored stay.
    await at.room.set(admin, 'store', { ...withPull, password: undefined });
    expect(await pullLogin()).toEqual({ user: 'puller', password: 'only look' });
    expect((await at.room.of('store')).address).toBe(secured.address);
    expect(JSON.stringify([await at.room.adminList(), at.audited])).not.toContain('only look');
    await at.room.set(admin, 'store', external());
    expect(await pullsWith()).toBe('configured');
  });

  it('refuses certificates that are none', async () => {
    const { config, password } = external();
    const garbled = { kind: 'external' as const, config: { ...config, ca: 'no certificate' }, password };
    await expect(at.room.set(admin, 'store', garbled)).rejects.toMatchObject({
      code: 'invalid',
      key: 'registries.errors.badCa',
    });
  });

  it('keeps a stored password from another address', async () => {
    const { config } = external();
    const elsewhere = { kind: 'external' as const, config: { ...config, url: 'https://127.0.0.1:1' } };
    await expect(at.room.set(admin, 'store', elsewhere)).rejects.toMatchObject({
      key: 'registries.errors.passwordMissing',
    });
  });

  it('leaves what was when it fails, and says why', async () => {
    const { registry, repository } = await at.room.of('operations');
    await putArtifact(registry, repository('app'), '1', 'stays');
    const nowhere = { kind: 'external' as const, config: { url: 'http://127.0.0.1:9', prefix: '' } };
    const job = await at.room.set(admin, 'operations', nowhere);
    const done = await at.jobs.settled(job?.id ?? '');
    expect(done.state).toBe('failed');
    const row = (await at.room.adminList())[2];
    expect(row).toMatchObject({ kind: 'bundled', state: 'ready', movingTo: undefined });
    expect((await at.room.of('operations')).address).not.toBe('127.0.0.1:9');
  });
});

describe('a registry that is down', () => {
  it('blocks only what needs it, and is found again', async () => {
    await secured.kill();
    const { registry } = await at.room.of('store');
    await expect(registry.ping()).rejects.toMatchObject({ name: 'RegistryError' });
    await expect(at.room.of('store')).rejects.toMatchObject({
      code: 'unavailable',
      key: 'registries.errors.faults.unreachable',
    });
    await at.room.of('workbench');
    expect(at.room.list().map(({ state }) => state)).toEqual(['ready', 'unavailable', 'ready']);
    await secured.restart();
    await at.room.of('store');
    expect(at.room.list()[1]?.state).toBe('ready');
  });
});

describe('edgeyard.yaml', () => {
  it('wins over the page, and its registry is not to be changed there', async () => {
    const { config, password } = external();
    const inFile = await testRegistries({
      store: { config: { ...config, prefix: 'file' }, password },
    });
    try {
      const { repository } = await inFile.room.of('store');
      expect(repository('app')).toBe('file/app');
      expect((await inFile.room.adminList())[1]).toMatchObject({
        fromFile: true,
        leftAt: expect.any(String) as string,
      });
      await expect(inFile.room.set(admin, 'store', { kind: 'bundled' })).rejects.toMatchObject({
        code: 'forbidden',
        key: 'registries.errors.fromFile',
      });
    } finally {
      await inFile.close();
    }
  });
});

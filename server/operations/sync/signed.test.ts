import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../oci/testing';
import { edgeGalleryTree, writeTree } from '../../packages/csar/foreign-fixture';
import { memoryStore, operator, testRelease, testSync } from './testing';

let dir: string;
let room: ReturnType<typeof testSync>;
let store: ReturnType<typeof memoryStore>;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-signed-'));
  store = memoryStore([await testRelease(dir)]);
  room = testSync(store.source);
  await room.sync.open();
});

afterEach(async () => {
  await room.close();
  rmSync(dir, { recursive: true, force: true });
});

const packagesHere = () => readdirSync(join(room.dir, 'packages'));

describe('a signed package', () => {
  /** The store's package with its manifest signed; `text` is what comes out of signing. */
  async function sign(change: (text: string) => string): Promise<string> {
    const ssl = (...args: string[]) =>
      execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    ssl(
      'req',
      '-x509',
      '-subj',
      '/CN=acme',
      '-nodes',
      '-newkey',
      'rsa:2048',
      '-keyout',
      'key',
      '-out',
      'cert',
    );
    const tree = await edgeGalleryTree('true');
    const manifest = `${String(tree['vm_test.mf'])}\n`;
    writeFileSync(join(dir, 'text'), manifest);
    const how = ['-sign', '-binary', '-in', 'text', '-outform', 'PEM', '-signer', 'cert', '-inkey', 'key'];
    const [release] = store.releases;
    if (!release) throw new Error('no release');
    await writeTree(release.path, { ...tree, 'vm_test.mf': change(manifest + ssl('cms', ...how)) });
    const bytes = readFileSync(release.path);
    Object.assign(release, { digest: sha256(bytes), size: bytes.length, images: [] });
    return readFileSync(join(dir, 'cert'), 'utf8');
  }
  const syncFrom = async (signers: string | undefined) => {
    const { id } = room.sync.stores.create(operator, {
      kind: 'edgeyard',
      name: 'Signed',
      url: 'https://signed.example',
      rules: [],
      everyMinutes: null,
      signers,
    });
    await room.done(room.sync.stores.refresh(operator, id));
    const [release] = room.sync.releases({ storeId: id });
    const [job] = room.sync.start(operator, { releaseIds: [release?.id ?? ''] });
    if (!job) throw new Error('no job');
    return { job: await room.done(job), release: room.sync.release(release?.id ?? '') };
  };

  it('is called signed when its signer is one of those the store names', async () => {
    const certificate = await sign((text) => text);
    const { release } = await syncFrom(certificate);
    expect(release).toMatchObject({ state: 'inSync', proof: 'signed' });
    room.sync.stores.update(operator, release.storeId, { signers: null });
    expect(room.sync.release(release.id).proof).toBe('verified');
  });

  it('is called verified when nobody vouches for its signer', async () => {
    await sign((text) => text);
    expect((await syncFrom(undefined)).release).toMatchObject({ state: 'inSync', proof: 'verified' });
  });

  it('is refused unless somebody whom the store names has signed it', async () => {
    const certificate = await sign((text) => text);
    await sign((text) => text);
    const other = await syncFrom(certificate);
    expect(other.job.error).toMatchObject({
      key: 'sync.errors.notSigned',
      params: { signature: 'untrusted' },
    });
    expect(other.release).toMatchObject({ state: 'failed', images: [] });
    expect(packagesHere()).toEqual([]);
  });

  it('is proved again when signers are named for what is in sync', async () => {
    for (const each of store.releases) each.images = [];
    const { release } = await syncFrom(undefined);
    expect(release.proof).toBe('verified');
    const certificate = await sign((text) => text);
    room.sync.stores.update(operator, release.storeId, { signers: certificate });
    // The store still has the package without a signature, which is in sync here.
    const [unsigned] = store.releases;
    Object.assign(unsigned ?? {}, await testRelease(dir, { images: [] }));
    const [job] = room.sync.start(operator, { releaseIds: [release.id] });
    if (!job) throw new Error('no job');
    expect((await room.done(job)).error?.params).toEqual({ signature: 'none' });
    expect(room.sync.release(release.id)).toMatchObject({
      state: 'inSync',
      problem: { key: 'sync.errors.notSigned' },
    });
  });

  it('is refused when the signature is of another manifest', async () => {
    const certificate = await sign((text) => text.replace('a VM', 'another VM'));
    const { job, release } = await syncFrom(certificate);
    expect(job.error?.key).toBe('sync.errors.signatureWrong');
    expect(release).toMatchObject({ state: 'failed', proof: null });
    expect(packagesHere()).toEqual([]);
  });
});

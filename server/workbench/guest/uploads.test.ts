import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../../problem';
import { openSshPool, type SshPool } from './ssh-pool';
import { startTestGuest, type TestGuest } from './testing-guest';
import { developer, stranger, testPorts, type TestPorts } from './testing-ports';
import { openGuestUploads, type GuestUploads } from './uploads';

const never = new AbortController().signal;
const digestOf = (data: Buffer) => createHash('sha256').update(data).digest('hex');

let guest: TestGuest;
let ports: TestPorts;
let pool: SshPool;
let closing: AbortController;
let uploads: GuestUploads;

function openAgain(): void {
  pool = openSshPool((vmId) => ports.guestAccess(vmId));
  closing = new AbortController();
  uploads = openGuestUploads(ports, pool, closing.signal);
}

beforeEach(async () => {
  guest = await startTestGuest();
  ports = testPorts(guest.access);
  openAgain();
});

afterEach(async () => {
  closing.abort();
  await uploads.idle();
  pool.close();
  await guest.close();
});

const create = (filename: string, size: number, metadata: Record<string, string> = {}) =>
  uploads.create(developer, 'vm_1', size, { filename, ...metadata }, never);
const receive = (id: string, offset: number, data: Readable) =>
  uploads.receive(developer, 'vm_1', id, offset, data, never);
const rowOf = (id: string) => uploads.list(developer, 'vm_1').find((row) => row.id === id);

/** A source that ends like a cut connection: with an error after its bytes. */
function cutAfter(data: Buffer): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < data.length; at += 40_000) yield data.subarray(at, at + 40_000);
      throw new Error('aborted');
    })(),
  );
}

describe('an upload into a guest', () => {
  it('arrives with equal digests under a name with spaces and Chinese', async () => {
    const data = randomBytes(3_000_017);
    const row = await create('my 文件 (1).bin', data.length, { checksum: digestOf(data) });
    expect(await receive(row.id, 0, Readable.from([data]))).toBe(data.length);
    await uploads.idle();
    expect(rowOf(row.id)).toMatchObject({
      state: 'done',
      guestSha256: digestOf(data),
      passedSha256: digestOf(data),
      senderSha256: digestOf(data),
    });
    expect(readFileSync(join(guest.home, 'my 文件 (1).bin')).equals(data)).toBe(true);
    expect(readdirSync(guest.home)).toEqual(['my 文件 (1).bin']);
  });

  it('takes an empty file', async () => {
    const row = await create('empty', 0);
    await uploads.idle();
    expect(rowOf(row.id)?.state).toBe('done');
    expect(statSync(join(guest.home, 'empty')).size).toBe(0);
  });

  it('makes the folders of a dropped folder, and refuses a way out of it', async () => {
    const data = Buffer.from('x');
    const row = await create('docs/sub/a.txt', 1);
    await receive(row.id, 0, Readable.from([data]));
    await uploads.idle();
    expect(readFileSync(join(guest.home, 'docs/sub/a.txt'), 'utf8')).toBe('x');
    await expect(create('../evil', 1)).rejects.toMatchObject({ key: 'files.errors.badName' });
    await expect(create('/etc/evil', 1)).rejects.toMatchObject({ key: 'files.errors.badName' });
    await expect(create('a\nb', 1)).rejects.toMatchObject({ key: 'files.errors.badName' });
  });

  it('goes on after the sender was cut off', async () => {
    const data = randomBytes(500_000);
    const row = await create('a.bin', data.length);
    await expect(receive(row.id, 0, cutAfter(data.subarray(0, 200_000)))).rejects.toThrow('aborted');
    expect(existsSync(join(guest.home, 'a.bin'))).toBe(false);
    const { offset } = await uploads.offset(developer, 'vm_1', row.id, never);
    expect(offset).toBe(200_000);
    await receive(row.id, offset, Readable.from([data.subarray(offset)]));
    await uploads.idle();
    expect(rowOf(row.id)).toMatchObject({ state: 'done', passedSha256: digestOf(data) });
  });

  it('goes on in another process, by what lies in the guest', async () => {
    const data = randomBytes(300_000);
    const row = await create('a.bin', data.length, { checksum: digestOf(data) });
    await expect(receive(row.id, 0, cutAfter(data.subarray(0, 100_000)))).rejects.toThrow('aborted');
    pool.close();
    openAgain();
    uploads.resumeAll();
    const { offset } = await uploads.offset(developer, 'vm_1', row.id, never);
    expect(offset).toBe(100_000);
    await receive(row.id, offset, Readable.from([data.subarray(offset)]));
    await uploads.idle();
    // This process never saw the first part, so only the sender and the guest can tell the digest.
    expect(rowOf(row.id)).toMatchObject({ state: 'done', passedSha256: null, guestSha256: digestOf(data) });
  });

  it('goes on after the guest lost its power in the middle', async () => {
    const data = randomBytes(4_000_000);
    const row = await create('a.bin', data.length);
    let writes = 0;
    guest.faults.afterWrite = () => {
      writes += 1;
      if (writes === 20) guest.cut();
    };
    await expect(receive(row.id, 0, Readable.from([data]))).rejects.toMatchObject({
      key: 'files.errors.cut',
    });
    guest.faults.afterWrite = undefined;
    const { offset } = await uploads.offset(developer, 'vm_1', row.id, never);
    expect(offset).toBeLessThan(data.length);
    await receive(row.id, offset, Readable.from([data.subarray(offset)]));
    await uploads.idle();
    expect(rowOf(row.id)).toMatchObject({ state: 'done', guestSha256: digestOf(data) });
  });

  it('names the folder that is in the way, and asks before it replaces', async () => {
    writeFileSync(join(guest.home, 'a.txt'), 'old');
    mkdirSync(join(guest.home, 'folder'));
    await expect(create('a.txt', 3)).rejects.toMatchObject({
      code: 'conflict',
      key: 'files.errors.exists',
      params: { size: 3 },
    });
    await expect(create('folder', 3)).rejects.toMatchObject({ key: 'files.errors.folderInTheWay' });
    const row = await create('a.txt', 3, { onConflict: 'replace' });
    await receive(row.id, 0, Readable.from([Buffer.from('new')]));
    await uploads.idle();
    expect(readFileSync(join(guest.home, 'a.txt'), 'utf8')).toBe('new');
  });

  it('does not replace a file that came while it was under way', async () => {
    const row = await create('a.txt', 3);
    writeFileSync(join(guest.home, 'a.txt'), 'theirs');
    await receive(row.id, 0, Readable.from([Buffer.from('new')]));
    await uploads.idle();
    expect(rowOf(row.id)).toMatchObject({ state: 'failed', error: { key: 'files.errors.nameTaken' } });
    expect(readFileSync(join(guest.home, 'a.txt'), 'utf8')).toBe('theirs');
    expect(readdirSync(guest.home)).toEqual(['a.txt']);
  });

  it('refuses what is larger than the free space, with the numbers, before the first byte', async () => {
    guest.faults.room = 1000;
    await expect(create('big', 5000)).rejects.toMatchObject({
      code: 'no_space',
      key: 'files.errors.tooLarge',
      params: { size: 5000, free: 1000 },
    });
    expect(readdirSync(guest.home)).toEqual([]);
  });

  it('says that the guest is full when it fills up meanwhile', async () => {
    const data = randomBytes(400_000);
    const row = await create('a.bin', data.length);
    guest.faults.room = 200_000;
    await expect(receive(row.id, 0, Readable.from([data]))).rejects.toMatchObject({
      code: 'no_space',
      key: 'files.errors.guestFull',
    });
  });

  it('removes a file whose digest is not the sender’s', async () => {
    const row = await create('a.txt', 3, { checksum: digestOf(Buffer.from('else')) });
    await receive(row.id, 0, Readable.from([Buffer.from('new')]));
    await uploads.idle();
    expect(rowOf(row.id)).toMatchObject({ state: 'failed', error: { key: 'files.errors.digestsDiffer' } });
    expect(readdirSync(guest.home)).toEqual([]);
  });

  it('waits for a digest that the sender gives at the end', async () => {
    const data = Buffer.from('late');
    const row = await create('a.txt', data.length, { confirm: 'later' });
    await receive(row.id, 0, Readable.from([data]));
    expect(rowOf(row.id)?.state).toBe('receiving');
    uploads.confirm(developer, 'vm_1', row.id, digestOf(data));
    await uploads.idle();
    expect(rowOf(row.id)?.state).toBe('done');
  });

  it('leaves nothing behind when it is cancelled', async () => {
    const row = await create('a.bin', 1000);
    await expect(receive(row.id, 0, cutAfter(randomBytes(500)))).rejects.toThrow('aborted');
    expect(readdirSync(guest.home)).toHaveLength(1);
    await uploads.remove(developer, 'vm_1', row.id);
    expect(readdirSync(guest.home)).toEqual([]);
    expect(rowOf(row.id)).toBeUndefined();
  });

  it('refuses a guest that shows another host key', async () => {
    await create('a.bin', 10);
    expect(guest.access.knownHostKey).toBeDefined();
    await guest.changeHostKey();
    await vi.waitFor(async () => {
      await expect(create('b.bin', 10)).rejects.toMatchObject({
        code: 'conflict',
        key: 'files.errors.hostKeyChanged',
      });
    });
  });

  it('is verified by the next process, also when the guest was away at first', async () => {
    const data = randomBytes(50_000);
    const row = await create('a.bin', data.length, { checksum: digestOf(data) });
    const away = new Problem('conflict', 'workbench.gates.isStopped');
    await receive(row.id, 0, cutAfter(data.subarray(0, 49_999))).catch(() => undefined);
    pool.close();
    openAgain();
    await receive(row.id, 49_999, Readable.from([data.subarray(49_999)]));
    closing.abort();
    await uploads.idle();
    ports.guestAccess = () => Promise.reject(away);
    pool.close();
    openAgain();
    uploads.resumeAll();
    await uploads.idle();
    ports.guestAccess = () => Promise.resolve(guest.access);
    const { offset } = await uploads.offset(developer, 'vm_1', row.id, never);
    expect(offset).toBe(data.length);
    await uploads.idle();
    expect(rowOf(row.id)).toMatchObject({ state: 'done', guestSha256: digestOf(data) });
  });

  it('is nobody else’s, and needs a VM that runs', async () => {
    const row = await create('a.bin', 10);
    expect(() => uploads.list(stranger, 'vm_1')).toThrow('noVm');
    await expect(uploads.offset(stranger, 'vm_1', row.id, never)).rejects.toMatchObject({
      code: 'not_found',
    });
    ports.vm.state = 'stopped';
    await expect(create('b.bin', 10)).rejects.toMatchObject({ key: 'workbench.gates.isStopped' });
  });
});

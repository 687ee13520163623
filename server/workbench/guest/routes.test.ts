import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { Upload, type DetailedError } from 'tus-js-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { guest as nobody, type Actor } from '../../access/actor';
import { openJobs } from '../../jobs/jobs';
import { openGuest, type Guest } from './guest';
import { startTestGuest, type TestGuest } from './testing-guest';
import { developer, stranger, testPorts, type TestPorts } from './testing-ports';
import { serveGuest, type TestServer } from './testing-server';

const digestOf = (data: Buffer) => createHash('sha256').update(data).digest('hex');

let machine: TestGuest;
let ports: TestPorts;
let guest: Guest;
let server: TestServer;
let actor: Actor;
let base: string;

beforeEach(async () => {
  machine = await startTestGuest();
  ports = testPorts(machine.access);
  ports.jobs = openJobs(ports);
  guest = openGuest(ports);
  actor = developer;
  server = await serveGuest(guest, 'vm_1', () => actor);
  base = server.files;
});

afterEach(async () => {
  server.close();
  await guest.close();
  await machine.close();
});

interface Sent {
  upload: Upload;
  over: Promise<void>;
}

function send(data: Buffer, metadata: Record<string, string>, chunkSize = Infinity): Sent {
  let upload: Upload | undefined;
  const over = new Promise<void>((resolve, reject) => {
    upload = new Upload(data, {
      endpoint: `${base}/uploads`,
      metadata,
      chunkSize,
      retryDelays: [50, 50, 50],
      onShouldRetry: (error) => (error.originalResponse?.getStatus() ?? 0) === 0,
      onSuccess: () => resolve(),
      onError: reject,
    });
    upload.start();
  });
  if (!upload) throw new Error('unreachable');
  return { upload, over };
}

const refusalOf = (sent: Sent) =>
  sent.over.then(
    () => undefined,
    (error: DetailedError) => ({
      status: error.originalResponse?.getStatus(),
      key: (JSON.parse(error.originalResponse?.getBody() ?? '{}') as { key?: string }).key,
    }),
  );
const finished = () =>
  vi.waitFor(() => {
    const [row] = guest.uploads.list(developer, 'vm_1');
    expect(row?.state).toBe('done');
    return row;
  });

describe('the upload route', () => {
  it('takes a file by tus, in pieces and in one', async () => {
    const data = randomBytes(2_500_000);
    await send(data, { filename: '报告 final.bin', checksum: digestOf(data) }, 1_000_000).over;
    expect((await finished())?.guestSha256).toBe(digestOf(data));
    expect(readFileSync(join(machine.home, '报告 final.bin')).equals(data)).toBe(true);
    await send(data, { filename: 'again.bin' }).over;
    expect((await finished())?.path).toBe(join(machine.home, 'again.bin'));
  });

  it('goes on after the connection was cut', async () => {
    const data = randomBytes(6_000_000);
    let writes = 0;
    machine.faults.afterWrite = () => {
      writes += 1;
      if (writes === 60) server.cut();
    };
    await send(data, { filename: 'a.bin', checksum: digestOf(data) }).over;
    expect(writes).toBeGreaterThan(60);
    expect((await finished())?.guestSha256).toBe(digestOf(data));
  });

  it('answers refusals as problems', async () => {
    writeFileSync(join(machine.home, 'a.txt'), 'old');
    expect(await refusalOf(send(Buffer.from('x'), { filename: 'a.txt' }))).toEqual({
      status: 409,
      key: 'files.errors.exists',
    });
    machine.faults.room = 100;
    expect(await refusalOf(send(randomBytes(5000), { filename: 'b.txt' }))).toEqual({
      status: 507,
      key: 'files.errors.tooLarge',
    });
  });

  it('says that the guest is full while the sender still sends', async () => {
    machine.faults.afterWrite = () => {
      machine.faults.room = 200_000;
    };
    expect(await refusalOf(send(randomBytes(4_000_000), { filename: 'b.bin' }))).toEqual({
      status: 507,
      key: 'files.errors.guestFull',
    });
  });

  it('removes the part when the sender takes the upload back', async () => {
    let { upload }: Partial<Sent> = {};
    machine.faults.afterWrite = () => {
      machine.faults.afterWrite = undefined;
      void upload?.abort(true);
    };
    upload = send(randomBytes(30_000_000), { filename: 'a.bin' }).upload;
    await vi.waitFor(() => expect(machine.faults.afterWrite).toBeUndefined());
    await vi.waitFor(
      () => {
        expect(guest.uploads.list(developer, 'vm_1')).toEqual([]);
        expect(readdirSync(machine.home)).toEqual([]);
      },
      { timeout: 5000 },
    );
  });

  it('is for the project’s developers with a writing token only', async () => {
    const refused = async (as: Actor) => {
      actor = as;
      return (await refusalOf(send(Buffer.from('x'), { filename: 'a' })))?.status;
    };
    expect(await refused(nobody)).toBe(401);
    expect(await refused({ ...developer, scopes: ['read'] })).toBe(403);
    expect(await refused(stranger)).toBe(404);
  });
});

/** fetch refuses to send some ranges, so this goes by hand. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>(
    (resolve, reject) => {
      const url = `${base}/content?path=${encodeURIComponent(path)}`;
      httpRequest(url, { headers, method }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts),
          });
        });
      })
        .on('error', reject)
        .end();
    },
  );
}

describe('the download route', () => {
  it('gives the whole file and ranges of it', async () => {
    const data = randomBytes(3_000_001);
    writeFileSync(join(machine.home, '数据.bin'), data);
    const whole = await get('数据.bin');
    expect(whole.status).toBe(200);
    expect(whole.body.equals(data)).toBe(true);
    expect(whole.headers['content-disposition']).toContain(`filename*=UTF-8''%E6%95%B0%E6%8D%AE.bin`);
    const part = await get('数据.bin', { range: 'bytes=1000000-1099999' });
    expect([part.status, part.headers['content-range']]).toEqual([206, 'bytes 1000000-1099999/3000001']);
    expect(part.body.equals(data.subarray(1_000_000, 1_100_000))).toBe(true);
    const tail = await get('数据.bin', { range: 'bytes=-5' });
    expect(tail.body.equals(data.subarray(-5))).toBe(true);
    expect((await get('数据.bin', { range: 'bytes=3000001-' })).status).toBe(416);
    expect((await get('数据.bin', { range: 'bytes=0-4', 'if-range': '"old"' })).status).toBe(200);
    const head = await get('数据.bin', {}, 'HEAD');
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '3000001', 0]);
  });

  it('says what is not there or no file', async () => {
    expect((await get('nothing')).status).toBe(404);
    expect((await get('.')).status).toBe(422);
    expect((await get('')).status).toBe(422);
    actor = stranger;
    expect((await get('a')).status).toBe(404);
  });
});

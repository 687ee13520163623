/** Screen and serial log of a server on a real cloud, through its console proxy. */
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { bytesOf } from '../byte-reader';
import { decodePng } from '../contract-pictures';
import { screenshotOf } from '../rfb-picture';
import type { Cloud } from './cloud';
import { vncStream } from './console';
import { serialLogs } from './serial';
import { openCloud } from './session';
import { testAccess } from './testing-login';

/** How long the stack's console tokens live; see e2e/stacks/openstack/README.md. */
const consoleSeconds = Number(process.env.EDGEYARD_STACK_CONSOLE_SECONDS ?? Number.NaN);

const cloud = openCloud(testAccess('developer'));
let serverId: string;

const named = z.object({ id: z.string(), name: z.string(), ram: z.number().optional() });

beforeAll(async () => {
  const flavors = await cloud.list({
    service: 'compute',
    path: '/flavors/detail',
    key: 'flavors',
    schema: named,
  });
  const images = await cloud.list({ service: 'image', path: '/v2/images', key: 'images', schema: named });
  const smallest = flavors.toSorted((a, b) => (a.ram ?? 0) - (b.ram ?? 0))[0];
  const { server } = await cloud.ask({
    service: 'compute',
    method: 'POST',
    path: '/servers',
    body: {
      server: {
        name: 'console-test',
        flavorRef: smallest?.id,
        imageRef: images.find(({ name }) => name === 'tiny')?.id,
        networks: 'none',
      },
    },
    schema: z.object({ server: z.object({ id: z.string() }) }),
  });
  serverId = server.id;
  await until('ACTIVE');
});

afterAll(async () => {
  if (serverId) {
    await cloud.send({ service: 'compute', method: 'DELETE', path: `/servers/${serverId}` });
    await vi.waitFor(async () => expect(await status()).toBeUndefined(), slowly);
  }
  await cloud.close();
});

const slowly = { timeout: 200_000, interval: 1000 };

async function status(): Promise<string | undefined> {
  const schema = z.object({ server: z.object({ status: z.string() }) });
  return (await cloud.find({ service: 'compute', path: `/servers/${serverId}`, schema }))?.server.status;
}

async function until(wanted: string): Promise<void> {
  await vi.waitFor(async () => expect(await status()).toBe(wanted), slowly);
}

const act = (action: object) =>
  cloud.send({ service: 'compute', method: 'POST', path: `/servers/${serverId}/action`, body: action });

/** The session, with what nova says about consoles changed before it is read. */
function answering(change: (url: string, count: number) => string): { cloud: Cloud; asked: () => number } {
  let count = 0;
  const changed: Pick<Cloud, 'ask' | 'tls'> = {
    ask: async (ask) => {
      const answer = await cloud.ask(ask);
      if (!ask.path.endsWith('/remote-consoles')) return answer;
      const { remote_console: given } = remoteConsole.parse(answer);
      return ask.schema.parse({ remote_console: { ...given, url: change(given.url, ++count) } });
    },
    tls: () => cloud.tls(),
  };
  return { cloud: changed as Cloud, asked: () => count };
}

const remoteConsole = z.object({ remote_console: z.object({ url: z.string() }) });

const broken = (url: string) => url.replace(/[0-9a-f]{12}$/, '000000000000');

/** Bytes of two cells of 9 × 16 pixels: what changes on a screen without anybody doing anything. */
const blinkingCursor = 2 * 9 * 16 * 3;

const pictureOf = async () => decodePng(await screenshotOf(() => vncStream(cloud, serverId)));

/** Connects as a viewer that only types. */
async function typeEnter(stream: Duplex): Promise<void> {
  const bytes = bytesOf(stream);
  stream.write(await bytes.take(12));
  await bytes.take((await bytes.take(1))[0] ?? 0);
  stream.write(Buffer.from([1]));
  await bytes.take(4);
  stream.write(Buffer.from([1]));
  const facts = await bytes.take(24);
  await bytes.take(facts.readUInt32BE(20));
  for (const down of [1, 0]) stream.write(Buffer.from([4, down, 0, 0, 0, 0, 0xff, 0x0d]));
}

describe('serial log', () => {
  it('tells the boot up to the login, and is read on from an offset', async () => {
    const logs = serialLogs(cloud);
    await vi.waitFor(async () => {
      expect((await logs.bootOf(serverId, 1)).map(({ phase }) => phase)).toContain('login');
    }, slowly);
    const first = await logs.read(serverId, 0);
    expect(first.text).toMatch(/Linux version/);
    expect(await logs.read(serverId, first.next)).toEqual({ text: '', next: first.next });
  });
});

describe('screen', () => {
  it('greets, takes keys, and gives pictures meanwhile', async () => {
    const before = await pictureOf();
    expect(new Set(before.bytes).size).toBeGreaterThan(1);
    const viewer = await vncStream(cloud, serverId);
    await typeEnter(viewer);
    await vi.waitFor(async () => {
      const { bytes } = await pictureOf();
      const changed = bytes.filter((value, index) => value !== before.bytes[index]).length;
      expect(changed).toBeGreaterThan(blinkingCursor);
    }, slowly);
    expect(viewer.destroyed).toBe(false);
    viewer.destroy();
  });

  it('is opened with a new token when the first is dead, and told when both are', async () => {
    const once = answering((url, count) => (count === 1 ? broken(url) : url));
    const stream = await vncStream(once.cloud, serverId);
    expect((await bytesOf(stream).take(12)).toString()).toBe('RFB 003.008\n');
    stream.destroy();
    expect(once.asked()).toBe(2);
    const always = answering(broken);
    await expect(vncStream(always.cloud, serverId)).rejects.toMatchObject({
      key: 'openstack.errors.consoleRefused',
    });
  });

  it.skipIf(!(consoleSeconds <= 30))(
    'is opened with a new token when the first waited too long',
    async () => {
      let first = '';
      const keeping = answering((url, count) => {
        first ||= url;
        return count === 1 ? first : url;
      });
      (await vncStream(keeping.cloud, serverId)).destroy();
      // Until its time is over, the old token opens the screen by itself.
      await vi.waitFor(
        async () => {
          const late = answering((url, count) => (count === 1 ? first : url));
          const stream = await vncStream(late.cloud, serverId);
          expect((await bytesOf(stream).take(12)).toString()).toBe('RFB 003.008\n');
          stream.destroy();
          expect(late.asked()).toBe(2);
        },
        { timeout: 60_000, interval: 1000 },
      );
    },
  );

  it('says where the proxy is missed', async () => {
    const elsewhere = answering((url) => url.replace(/:\d+\//, ':1/'));
    await expect(vncStream(elsewhere.cloud, serverId)).rejects.toMatchObject({
      key: 'openstack.errors.consoleProxyUnreachable',
      params: { address: expect.stringMatching(/:1$/) },
    });
  });

  it('is not there while the server is off, and its log stays', async () => {
    const logs = serialLogs(cloud);
    const { next } = await logs.read(serverId, 0);
    await act({ 'os-stop': null });
    await until('SHUTOFF');
    await expect(vncStream(cloud, serverId)).rejects.toMatchObject({ key: 'sites.errors.notRunning' });
    const kept = await logs.read(serverId, 0);
    expect(kept.next).toBeGreaterThanOrEqual(next);
    expect(kept.text).toMatch(/Linux version/);
    await act({ 'os-start': null });
    await until('ACTIVE');
    await vi.waitFor(async () => {
      const { text } = await logs.read(serverId, kept.next);
      expect(text).toMatch(/Linux version/);
    }, slowly);
    expect(new Set((await pictureOf()).bytes).size).toBeGreaterThan(1);
  });
});

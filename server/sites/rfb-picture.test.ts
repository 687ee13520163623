import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { decodePng } from './contract-pictures';
import { screenshotOf } from './rfb-picture';
import { bytesOf } from './byte-reader';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

type Screen = (socket: Socket, bytes: ReturnType<typeof bytesOf>) => Promise<void>;

/** A screen on a real socket. @returns what opens it, and the side of the screen once it is open */
async function screenOf(play: Screen) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    play(socket, bytesOf(socket)).then(
      () => socket.resume(), // A socket that nobody reads does not see the other side go.
      () => socket.destroy(),
    );
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = once(server, 'connection') as Promise<[Socket]>;
  return {
    open: async () => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    },
    closed: async () => {
      const [socket] = await connection;
      if (!socket.closed) await once(socket, 'close');
    },
  };
}

/** Greets as QEMU does. @returns the client's wish to share */
async function greet(socket: Socket, bytes: ReturnType<typeof bytesOf>, width: number, height: number) {
  socket.write('RFB 003.008\n');
  expect((await bytes.take(12)).toString()).toBe('RFB 003.008\n');
  socket.write(Buffer.from([2, 2, 1]));
  expect([...(await bytes.take(1))]).toEqual([1]);
  socket.write(Buffer.alloc(4));
  const shared = (await bytes.take(1))[0];
  const facts = Buffer.alloc(24);
  facts.writeUInt16BE(width, 0);
  facts.writeUInt16BE(height, 2);
  facts.writeUInt32BE(4, 20);
  socket.write(Buffer.concat([facts, Buffer.from('QEMU')]));
  const format = await bytes.take(20);
  expect([format[0], format[4], format[5], format[7]]).toEqual([0, 32, 24, 1]);
  expect((await bytes.take(12)).readUInt16BE(2)).toBe(2);
  return shared;
}

function update(
  ...boxes: { box: [number, number, number, number]; encoding: number; data?: Buffer }[]
): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(boxes.length, 2);
  return Buffer.concat([
    head,
    ...boxes.flatMap(({ box, encoding, data }) => {
      const each = Buffer.alloc(12);
      for (const [index, value] of box.entries()) each.writeUInt16BE(value, index * 2);
      each.writeInt32BE(encoding, 8);
      return [each, data ?? Buffer.alloc(0)];
    }),
  ]);
}

const red = Buffer.from([0, 0, 255, 0]);
const blue = Buffer.from([255, 0, 0, 0]);

describe('a picture by RFB', () => {
  it('holds every pixel, in a frame of several rectangles, and leaves no socket', async () => {
    const screen = await screenOf(async (socket, bytes) => {
      expect(await greet(socket, bytes, 3, 2)).toBe(1);
      expect([...(await bytes.take(10))]).toEqual([3, 0, 0, 0, 0, 0, 0, 3, 0, 2]);
      socket.write(Buffer.from([2])); // a bell
      socket.write(Buffer.from([3, 0, 0, 0, 0, 0, 0, 2, 104, 105])); // cut text
      const frame = update(
        { box: [0, 0, 3, 1], encoding: 0, data: Buffer.concat([red, red, red]) },
        { box: [0, 1, 1, 1], encoding: 0, data: blue },
        { box: [1, 1, 2, 1], encoding: 0, data: Buffer.concat([red, blue]) },
      );
      for (const byte of frame) socket.write(Buffer.from([byte])); // in the smallest pieces
    });
    const { width, height, bytes } = decodePng(await screenshotOf(screen.open));
    expect([width, height]).toEqual([3, 2]);
    const [r, b] = ['ff0000', '0000ff'];
    expect(bytes.toString('hex')).toBe([r, r, r, b, r, b].join(''));
    await screen.closed();
  });

  it('follows a screen that changes its size meanwhile', async () => {
    const screen = await screenOf(async (socket, bytes) => {
      await greet(socket, bytes, 9, 9);
      await bytes.take(10);
      socket.write(update({ box: [0, 0, 1, 1], encoding: -223 }));
      expect((await bytes.take(10)).readUInt16BE(6)).toBe(1);
      socket.write(update({ box: [0, 0, 1, 1], encoding: 0, data: red }));
    });
    const picture = decodePng(await screenshotOf(screen.open));
    expect([picture.width, picture.height, picture.bytes.toString('hex')]).toEqual([1, 1, 'ff0000']);
  });

  const wrong: [string, Screen][] = [
    ['speaks another protocol', (socket) => Promise.resolve(void socket.write('SSH-2.0-OpenSSH_9.2\r\n'))],
    ['hangs up', (socket) => Promise.resolve(void socket.end('RFB 003.008\n'))],
    [
      'asks for a password',
      async (socket, bytes) => {
        socket.write('RFB 003.008\n');
        await bytes.take(12);
        socket.write(Buffer.from([1, 2]));
      },
    ],
    ['claims too many pixels', async (socket, bytes) => void (await greet(socket, bytes, 65535, 65535))],
    [
      'draws beyond its edge',
      async (socket, bytes) => {
        await greet(socket, bytes, 2, 2);
        socket.write(update({ box: [1, 0, 2, 1], encoding: 0, data: Buffer.concat([red, red]) }));
      },
    ],
    [
      'names itself without end',
      async (socket, bytes) => {
        socket.write('RFB 003.008\n');
        await bytes.take(12);
        socket.write(Buffer.from([1, 1]));
        await bytes.take(1);
        socket.write(Buffer.alloc(4));
        const facts = Buffer.alloc(24);
        facts.writeUInt32BE(0xff_ff_ff_ff, 20);
        socket.write(facts);
      },
    ],
  ];
  it.each(wrong)('is refused, and the socket closed, when the screen %s', async (_, play) => {
    const screen = await screenOf(play);
    await expect(screenshotOf(screen.open)).rejects.toMatchObject({
      code: 'unavailable',
      key: 'sites.errors.pictureFailed',
    });
    await screen.closed();
  });
});

/** Numbers and frames of the NBD protocol (NetworkBlockDevice/nbd, doc/proto.md), as far as a reader needs them. */
import type { Socket } from 'node:net';

export const magics = {
  greeting: 0x4e42444d41474943n, // "NBDMAGIC"
  option: 0x49484156454f5054n, // "IHAVEOPT"
  optionReply: 0x3e889045565a9n,
  request: 0x25609513,
  simpleReply: 0x67446698,
  chunk: 0x668e33ef,
} as const;

export const options = { go: 7, structuredReply: 8, setMetaContext: 10 } as const;
export const replies = { ack: 1, info: 3, metaContext: 4, errorBit: 2 ** 31 } as const;
export const commands = { read: 0, disconnect: 2, blockStatus: 7 } as const;
export const chunks = { none: 0, data: 1, hole: 2, blockStatus: 5, errorBit: 0x8000, doneFlag: 1 } as const;

/** Takes exact numbers of bytes off a socket, in turn. */
export interface ByteSource {
  /** @throws the socket's error, or an Error when it ends before */
  take(length: number): Promise<Buffer>;
}

/** Reads a socket in pieces of known length; the socket is held back while nobody asks. */
export function byteSource(socket: Socket): ByteSource {
  const waiting: Buffer[] = [];
  let held = 0;
  let ended: Error | undefined;
  let wake: (() => void) | undefined;
  const most = 16 * 2 ** 20;
  const rouse = () => {
    wake?.();
    wake = undefined;
  };
  socket.on('data', (bytes: Buffer) => {
    waiting.push(bytes);
    held += bytes.length;
    if (held > most) socket.pause();
    rouse();
  });
  const end = (error: Error) => {
    ended ??= error;
    rouse();
  };
  socket.once('error', end);
  socket.once('close', () => {
    end(new Error('the NBD server hung up'));
  });
  return {
    async take(length) {
      const enough = () => held >= length;
      while (!enough()) {
        if (ended) throw ended;
        socket.resume();
        await new Promise<void>((resolve) => (wake = resolve));
      }
      const taken = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const first = waiting[0];
        if (!first) throw new Error('bytes were counted wrongly');
        const part = Math.min(first.length, length - filled);
        first.copy(taken, filled, 0, part);
        filled += part;
        if (part === first.length) waiting.shift();
        else waiting[0] = first.subarray(part);
      }
      held -= length;
      if (held <= most) socket.resume();
      return taken;
    },
  };
}

/** An option of the handshake. */
export function optionFrame(option: number, data: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.writeBigUInt64BE(magics.option, 0);
  head.writeUInt32BE(option, 8);
  head.writeUInt32BE(data.length, 12);
  return Buffer.concat([head, data]);
}

/** A request of the transmission phase. @param offset and length in bytes */
export function requestFrame(command: number, cookie: number, offset: number, length: number): Buffer {
  const frame = Buffer.alloc(28);
  frame.writeUInt32BE(magics.request, 0);
  frame.writeUInt16BE(command, 6);
  frame.writeBigUInt64BE(BigInt(cookie), 8);
  frame.writeBigUInt64BE(BigInt(offset), 16);
  frame.writeUInt32BE(length, 24);
  return frame;
}

/** A text with its length before it. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([number32(bytes.length), bytes]);
}

/** A number of 32 bits. */
export function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

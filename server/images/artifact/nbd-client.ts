import { connect, type Socket } from 'node:net';
import {
  byteSource,
  chunks,
  commands,
  magics,
  number32,
  optionFrame,
  options,
  replies,
  requestFrame,
  text,
  type ByteSource,
} from './nbd-wire';

/** A stretch of a disk and what a metadata context says of it. */
export interface Extent {
  /** First byte. */
  at: number;
  /** Bytes. */
  length: number;
  flags: number;
}

/** What `base:allocation` says. */
export const allocation = { hole: 1, zero: 2 } as const;

/** A connection to an NBD server that is only read from. Several reads may be under way at once. */
export interface NbdClient {
  /** Bytes of the disk. */
  readonly size: number;
  /** The contexts that the server knows of those asked for. */
  readonly contexts: readonly string[];
  /** @throws Error when the server refuses, or the connection ends */
  read(offset: number, length: number): Promise<Buffer>;
  /** What a context says of a range, from its first byte on; the server may say less than asked for, at least one extent. */
  status(context: string, offset: number, length: number): Promise<Extent[]>;
  /** Takes leave. */
  close(): void;
}

interface Pending {
  offset: number;
  data: Buffer | undefined;
  extents: Extent[];
  context: number;
  error: Error | undefined;
  resolve(pending: Pending): void;
  reject(error: Error): void;
}

/**
 * Connects to the unnamed export of an NBD server.
 *
 * @param path of its unix socket
 * @param wanted metadata contexts, for example `base:allocation`
 * @throws the error of connect() while nobody listens there; Error when it speaks something else
 */
export async function connectNbd(path: string, wanted: readonly string[]): Promise<NbdClient> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const source = byteSource(socket);
  try {
    const { size, contexts } = await shakeHands(socket, source, wanted);
    return converse(socket, source, size, contexts);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function shakeHands(socket: Socket, source: ByteSource, wanted: readonly string[]) {
  const greeting = await source.take(18);
  if (greeting.readBigUInt64BE(0) !== magics.greeting || greeting.readBigUInt64BE(8) !== magics.option) {
    throw new Error('this is no NBD server of the newer style');
  }
  // Fixed newstyle, and no filling zeros: both numbered by the server's own flags.
  socket.write(number32(greeting.readUInt16BE(16) & 3));
  const ask = async (option: number, data: Buffer) => {
    socket.write(optionFrame(option, data));
    const answers: { type: number; data: Buffer }[] = [];
    for (;;) {
      const head = await source.take(20);
      if (head.readBigUInt64BE(0) !== magics.optionReply) throw new Error('a broken NBD handshake');
      const answer = { type: head.readUInt32BE(12), data: await source.take(head.readUInt32BE(16)) };
      if (answer.type >= replies.errorBit) throw new Error(`the NBD server refused option ${option}`);
      if (answer.type === replies.ack) return answers;
      answers.push(answer);
    }
  };
  await ask(options.structuredReply, Buffer.alloc(0));
  const queries = Buffer.concat([text(''), number32(wanted.length), ...wanted.map(text)]);
  const contexts = new Map(
    (await ask(options.setMetaContext, queries))
      .filter(({ type }) => type === replies.metaContext)
      .map(({ data }) => [data.toString('utf8', 4), data.readUInt32BE(0)]),
  );
  const infos = await ask(options.go, Buffer.concat([text(''), Buffer.alloc(2)]));
  const disk = infos.find(({ type, data }) => type === replies.info && data.readUInt16BE(0) === 0);
  if (!disk) throw new Error('the NBD server said no size');
  return { size: Number(disk.data.readBigUInt64BE(2)), contexts };
}

function converse(
  socket: Socket,
  source: ByteSource,
  size: number,
  contexts: ReadonlyMap<string, number>,
): NbdClient {
  const pending = new Map<number, Pending>();
  let cookie = 0;
  let broken: Error | undefined;
  const ask = (command: number, offset: number, length: number, context = -1) =>
    new Promise<Pending>((resolve, reject) => {
      if (broken) {
        reject(broken);
        return;
      }
      cookie += 1;
      const data = command === commands.read ? Buffer.allocUnsafe(length) : undefined;
      pending.set(cookie, { offset, data, extents: [], context, error: undefined, resolve, reject });
      socket.write(requestFrame(command, cookie, offset, length));
    });
  const listen = async () => {
    for (;;) {
      const head = await source.take(4);
      const chunk = await takeReply(head.readUInt32BE(0), source);
      const request = pending.get(chunk.cookie);
      if (!request) throw new Error('an answer of the NBD server to nothing');
      apply(request, chunk);
      if (!chunk.done) continue;
      pending.delete(chunk.cookie);
      if (request.error) request.reject(request.error);
      else request.resolve(request);
    }
  };
  listen().catch((error: unknown) => {
    broken = error instanceof Error ? error : new Error(String(error));
    for (const request of pending.values()) request.reject(broken);
    pending.clear();
    socket.destroy();
  });
  return {
    size,
    contexts: [...contexts.keys()],
    async read(offset, length) {
      const { data } = await ask(commands.read, offset, length);
      return data ?? Buffer.alloc(0);
    },
    async status(context, offset, length) {
      const id = contexts.get(context);
      if (id === undefined) throw new Error(`the NBD server does not know ${context}`);
      return (await ask(commands.blockStatus, offset, length, id)).extents;
    },
    close() {
      broken ??= new Error('closed');
      socket.end(requestFrame(commands.disconnect, 0, 0, 0));
    },
  };
}

interface Reply {
  cookie: number;
  type: number;
  done: boolean;
  payload: Buffer;
}

async function takeReply(magic: number, source: ByteSource): Promise<Reply> {
  if (magic !== magics.chunk) throw new Error('a broken answer of the NBD server');
  const head = await source.take(16);
  return {
    done: (head.readUInt16BE(0) & chunks.doneFlag) !== 0,
    type: head.readUInt16BE(2),
    cookie: Number(head.readBigUInt64BE(4)),
    payload: await source.take(head.readUInt32BE(12)),
  };
}

function apply(request: Pending, { type, payload }: Reply): void {
  if (type >= chunks.errorBit) {
    const words = payload.toString('utf8', 6, 6 + payload.readUInt16BE(4));
    request.error = new Error(`the NBD server failed: ${words || `error ${payload.readUInt32BE(0)}`}`);
  } else if (type === chunks.data) {
    payload.copy(request.data ?? Buffer.alloc(0), Number(payload.readBigUInt64BE(0)) - request.offset, 8);
  } else if (type === chunks.hole) {
    const at = Number(payload.readBigUInt64BE(0)) - request.offset;
    request.data?.fill(0, at, at + payload.readUInt32BE(8));
  } else if (type === chunks.blockStatus && payload.readUInt32BE(0) === request.context) {
    let at = request.offset;
    for (let place = 4; place < payload.length; place += 8) {
      const length = payload.readUInt32BE(place);
      request.extents.push({ at, length, flags: payload.readUInt32BE(place + 4) });
      at += length;
    }
  }
}

import { connect, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';

/** An event as QEMU sends it, for example `{ name: 'SHUTDOWN', data: { guest: true, reason: 'guest-shutdown' } }`. */
export interface QmpEvent {
  name: string;
  data: Record<string, unknown>;
}

/** QEMU's own refusal of a command. */
export class QmpError extends Error {
  constructor(
    readonly kind: string,
    message: string,
  ) {
    super(message);
    this.name = 'QmpError';
  }
}

const messageSchema = z.looseObject({
  QMP: z.unknown().optional(),
  id: z.unknown().optional(),
  return: z.unknown().optional(),
  error: z.object({ class: z.string(), desc: z.string() }).optional(),
  event: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});
type Message = z.infer<typeof messageSchema>;

/** Longest line taken: `screendump` and friends answer in hundreds of bytes, agents in at most some MiB. */
const longestLine = 32 * 1024 ** 2;

/**
 * Cuts a byte stream into JSON lines. QEMU may send a line in any number of pieces, and a character cut in two.
 *
 * @param onLine receives each parsed line; what is not a JSON object is left out
 * @throws Error when a line grows over 32 MiB
 */
export function jsonLines(onLine: (message: Message) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (chunk) => {
    rest += decoder.write(chunk);
    if (rest.length > longestLine) throw new Error('QMP: line too long');
    let end = rest.indexOf('\n');
    while (end !== -1) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      end = rest.indexOf('\n');
      const message = parse(line);
      if (message) onLine(message);
    }
  };
}

function parse(line: string): Message | undefined {
  // The agent starts an answer after guest-sync-delimited with the byte 0xFF, which is no JSON.
  const text = line.replace(/^\uFFFD+/, '').trim();
  if (text === '') return undefined;
  try {
    return messageSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export interface Qmp {
  /**
   * Runs a command and returns its `return` value.
   *
   * @throws QmpError when QEMU refuses; Error when the connection ends or `timeoutMs` (default 30 s) passes
   */
  run(command: string, args?: Record<string, unknown>, timeoutMs?: number): Promise<unknown>;
  onEvent(listener: (event: QmpEvent) => void): () => void;
  /** Resolves when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>;
  close(): void;
}

/**
 * Connects to a QMP socket and leaves the negotiation mode. QEMU serves one client per socket.
 *
 * @param path unix socket, at most 107 bytes
 * @throws Error when nothing listens there or no greeting comes within `timeoutMs`
 */
export async function connectQmp(path: string, timeoutMs = 60_000): Promise<Qmp> {
  const { wire, greeted } = openWire(path);
  const timer = setTimeout(() => wire.socket.destroy(new Error('QMP: no greeting')), timeoutMs);
  try {
    await greeted;
    await wire.qmp.run('qmp_capabilities', {}, timeoutMs);
  } catch (error) {
    wire.socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return wire.qmp;
}

function openWire(path: string): { wire: { qmp: Qmp; socket: Socket }; greeted: Promise<void> } {
  const socket = connect(path);
  const listeners = new Set<(event: QmpEvent) => void>();
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  let failure = new Error('QMP: connection closed');
  let greet = (): void => undefined;
  socket.on('error', (error) => (failure = error));
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const greeted = new Promise<void>((resolve, reject) => {
    greet = resolve;
    socket.on('close', () => reject(failure));
  });
  socket.on('close', () => {
    for (const each of waiting.values()) each.reject(failure);
    waiting.clear();
  });
  const answer = (message: Message) => {
    const call = typeof message.id === 'number' ? waiting.get(message.id) : undefined;
    if (!call) return;
    waiting.delete(message.id as number);
    if (message.error) call.reject(new QmpError(message.error.class, message.error.desc));
    else call.resolve(message.return);
  };
  const take = jsonLines((message) => {
    if (message.QMP !== undefined) greet();
    else if (message.event === undefined) answer(message);
    else for (const listener of listeners) listener({ name: message.event, data: message.data ?? {} });
  });
  socket.on('data', (chunk) => {
    try {
      take(chunk);
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
  const run: Qmp['run'] = (command, args, limitMs = 30_000) =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(failure);
      const id = ++lastId;
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new Error(`QMP: ${command} did not answer within ${limitMs} ms`));
      }, limitMs);
      waiting.set(id, {
        resolve: (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
  const qmp: Qmp = {
    run,
    closed,
    close: () => socket.destroy(),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return { wire: { qmp, socket }, greeted };
}

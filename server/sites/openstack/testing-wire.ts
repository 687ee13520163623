/**
 * A proxy between a session and a real cloud, for tests: records what is asked, and delays, slows, cuts or refuses. One
 * wire carries every service: give its `route` to `openCloud`.
 */
import { once } from 'node:events';
import {
  createServer,
  request as ask,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform, type Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

export interface Trouble {
  /** Milliseconds before the request goes on to the cloud. */
  delayMs?: number;
  /** Answered instead of the cloud, which sees nothing of the request. */
  answer?: { status: number; headers?: OutgoingHttpHeaders; body?: string };
  /** Bytes of the answer's body after which the connection is cut; 0 cuts it before the first. */
  cutAfter?: number;
  /** Bytes of the request's body after which the connection is cut. */
  cutUploadAfter?: number;
  /** Speed of the answer's body. */
  bytesPerSecond?: number;
  /** Nothing is ever answered. */
  hang?: true;
}

export interface Carried {
  method: string;
  /** The cloud's own address, with its query. */
  url: string;
  headers: IncomingMessage['headers'];
  /** Of the answer; undefined until there is one. */
  status: number | undefined;
  /** Bytes of bodies that went through. */
  sent: number;
  received: number;
}

export interface TestingWire {
  /** For `openCloud`'s options. */
  route: (url: string) => string;
  /** Everything that was asked, in its order. */
  carried: Carried[];
  /**
   * Makes trouble for requests whose `METHOD url` matches.
   *
   * @param times how many of them; without end when absent
   * @returns ends the trouble
   */
  trouble(pattern: RegExp, trouble: Trouble, times?: number): () => void;
  close(): Promise<void>;
}

interface Rule {
  pattern: RegExp;
  trouble: Trouble;
  left: number;
}

/** Opens a wire on a port of loopback. Clouds with TLS cannot be put behind it. */
export async function openWire(): Promise<TestingWire> {
  const rules = new Set<Rule>();
  const carried: Carried[] = [];
  const server = createServer((incoming, answer) => {
    const url = `http:/${incoming.url ?? '/'}`;
    const entry: Carried = {
      method: incoming.method ?? 'GET',
      url,
      headers: incoming.headers,
      status: undefined,
      sent: 0,
      received: 0,
    };
    carried.push(entry);
    carry(incoming, answer, entry, takeRule(rules, `${entry.method} ${url}`)).catch(() => answer.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    carried,
    route: (url) => `http://127.0.0.1:${port}/${url.replace(/^http:\/\//, '')}`,
    trouble(pattern, trouble, times = Infinity) {
      const rule = { pattern, trouble, left: times };
      rules.add(rule);
      return () => void rules.delete(rule);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function takeRule(rules: Set<Rule>, asked: string): Trouble {
  const rule = [...rules].find(({ pattern, left }) => left > 0 && pattern.test(asked));
  if (rule === undefined) return {};
  rule.left -= 1;
  return rule.trouble;
}

async function carry(
  incoming: IncomingMessage,
  answer: ServerResponse,
  entry: Carried,
  trouble: Trouble,
): Promise<void> {
  if (trouble.hang === true) return;
  if (trouble.delayMs !== undefined) await pause(trouble.delayMs);
  if (trouble.answer !== undefined) {
    incoming.resume();
    entry.status = trouble.answer.status;
    answer.writeHead(trouble.answer.status, trouble.answer.headers).end(trouble.answer.body);
    return;
  }
  const { host, pathname, search } = new URL(entry.url);
  const onward = ask(`http://${host}${pathname}${search}`, {
    method: entry.method,
    headers: { ...incoming.headers, host },
  });
  const cut = (): void => {
    onward.destroy();
    answer.socket?.destroy();
  };
  answer.on('close', () => onward.destroy());
  onward.on('error', cut);
  counted(incoming, trouble.cutUploadAfter, cut, (bytes) => (entry.sent += bytes)).pipe(onward);
  const [reply] = (await once(onward, 'response')) as [IncomingMessage];
  entry.status = reply.statusCode;
  reply.on('error', cut);
  answer.writeHead(reply.statusCode ?? 502, reply.headers);
  answer.flushHeaders();
  const slowed = trouble.bytesPerSecond === undefined ? reply : reply.pipe(slow(trouble.bytesPerSecond));
  counted(slowed, trouble.cutAfter, cut, (bytes) => (entry.received += bytes)).pipe(answer);
}

/** Counts what passes, and cuts once `limit` bytes have. */
function counted(
  source: Readable,
  limit: number | undefined,
  cut: () => void,
  count: (bytes: number) => void,
): Readable {
  let left = limit ?? Infinity;
  if (left === 0) {
    cut();
    return source;
  }
  return source.pipe(
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const part = chunk.subarray(0, Math.min(chunk.length, left));
        count(part.length);
        left -= part.length;
        done(null, part);
        // After the bytes before the cut have left.
        if (left <= 0) setImmediate(cut);
      },
    }),
  );
}

function slow(bytesPerSecond: number): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      setTimeout(() => done(null, chunk), (chunk.length / bytesPerSecond) * 1000);
    },
  });
}

/**
 * The screen of a server: nova hands out an address of its console proxy with a token in it, and the proxy speaks RFB
 * inside a WebSocket. The proxy answers 101 before it looks at the token, so only the first bytes of RFB are a yes.
 */
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocket } from 'ws';
import { z } from 'zod';
import { Problem } from '../../problem';
import type { Cloud } from './cloud';
import { refused, unreachable, type Refusal } from './console-faults';

const handshakeMs = 10_000;
/** The proxy connects to the host only after its 101, and waits for that as long as the host's TCP does. */
const greetingMs = 15_000;
/** Routers on the way forget a silent connection after a minute or more. */
const pingEveryMs = 30_000;
/** Proxies send pieces of 64 KiB; a larger frame than this is no screen. */
const largestFrame = 16 * 1024 ** 2;

const remoteConsole = z.object({ remote_console: z.object({ url: z.url({ protocol: /^https?$/ }) }) });

const powerState = z.object({ server: z.object({ 'OS-EXT-STS:power_state': z.number() }) });

/** nova/objects/fields.py, InstancePowerState: running, paused. */
const powered = new Set([1, 3]);

/** What came of one try with one token. */
type Try = { stream: Duplex } | Refusal;

/**
 * Opens the RFB stream of a server's screen through the cloud's proxy. A refused token is renewed once.
 *
 * @param cloud the session
 * @param serverId nova's id
 * @param signal ends the opening; the stream that was handed out lives on
 * @returns the stream, the greeting of RFB included; the caller destroys it
 * @throws Problem `conflict` with `sites.errors.notRunning`; `unavailable` with `openstack.errors.consoleRefused` (the
 *   proxy hung up on two fresh tokens) or `openstack.errors.consoleProxyUnreachable`; nova's refusals as `cloud.ask`
 *   throws them
 */
export async function vncStream(cloud: Cloud, serverId: string, signal?: AbortSignal): Promise<Duplex> {
  const first = await openWith(cloud, await consoleUrl(cloud, serverId, signal), signal);
  if ('stream' in first) return first.stream;
  // Nova hands out tokens for servers that are off, too; the proxy finds no screen then.
  const { server } = await cloud.ask({
    service: 'compute',
    path: `/servers/${encodeURIComponent(serverId)}`,
    schema: powerState,
    signal,
  });
  if (!powered.has(server['OS-EXT-STS:power_state']))
    throw new Problem('conflict', 'sites.errors.notRunning');
  const second = await openWith(cloud, await consoleUrl(cloud, serverId, signal), signal);
  if ('stream' in second) return second.stream;
  throw refused(second);
}

/** Asks nova for a fresh token. @returns the address of the proxy's page with the token in it: a secret */
async function consoleUrl(cloud: Cloud, serverId: string, signal: AbortSignal | undefined): Promise<URL> {
  const answer = await cloud.ask({
    service: 'compute',
    method: 'POST',
    path: `/servers/${encodeURIComponent(serverId)}/remote-consoles`,
    body: { remote_console: { protocol: 'vnc', type: 'novnc' } },
    schema: remoteConsole,
    signal,
  });
  return new URL(answer.remote_console.url);
}

/**
 * Addresses of the proxy's WebSocket for the page's address. The page's script puts the value of `path` behind the
 * host; newer ones put it behind the page's folder. Behind a gateway only one of them is the proxy's.
 *
 * @param page what nova gave: `…/vnc_lite.html?path=%3Ftoken%3D…` or `…/vnc_auto.html?token=…`
 * @returns the addresses to try, the likeliest first
 */
export function socketUrls(page: URL): URL[] {
  const origin = `${page.protocol === 'https:' ? 'wss:' : 'ws:'}//${page.host}`;
  const folder = page.pathname.slice(0, page.pathname.lastIndexOf('/') + 1);
  const path = page.searchParams.get('path');
  const wanted =
    path === null
      ? [
          `${folder}?token=${encodeURIComponent(page.searchParams.get('token') ?? '')}`,
          `/websockify${page.search}`,
        ]
      : [`/${path.replace(/^\/+/, '')}`, `${folder}${path.replace(/^\/+/, '')}`];
  return [...new Set(wanted)].map((each) => new URL(origin + each));
}

async function openWith(cloud: Cloud, page: URL, signal: AbortSignal | undefined): Promise<Try> {
  const urls = socketUrls(page);
  for (const [index, url] of urls.entries()) {
    const opened = await dial(cloud, url, signal);
    // Another status than 101: the address belongs to something else behind the same gateway.
    if (typeof opened !== 'number') return opened;
    if (index === urls.length - 1) throw unreachable(page, { status: opened });
  }
  throw unreachable(page, {});
}

/** Connects, and waits for the greeting. @returns the HTTP status when the address is no WebSocket */
async function dial(cloud: Cloud, url: URL, signal: AbortSignal | undefined): Promise<Try | number> {
  signal?.throwIfAborted();
  // No Origin is sent: the proxy compares one with its own name, and lets in a client that is no browser.
  const socket = new WebSocket(url, ['binary'], {
    ...cloud.tls(),
    handshakeTimeout: handshakeMs,
    maxPayload: largestFrame,
    perMessageDeflate: false,
  });
  const stream = createWebSocketStream(socket, { allowHalfOpen: false });
  // Whoever holds the stream learns of its end by `close`, which follows every error.
  stream.on('error', () => undefined);
  const abort = () => {
    socket.terminate();
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const status = await handshake(socket);
    if (status !== undefined) return status;
    const openedAt = performance.now();
    const first = await greeting(socket, stream);
    signal?.throwIfAborted();
    if (first === 'greeted') {
      keepAlive(socket);
      return { stream };
    }
    socket.terminate();
    return { address: url.host, ending: first.ending, afterMs: performance.now() - openedAt };
  } catch (error) {
    socket.terminate();
    signal?.throwIfAborted();
    throw unreachable(url, { error });
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** Waits for the answer to the upgrade. @returns undefined for 101, else the status */
function handshake(socket: WebSocket): Promise<number | undefined> {
  return new Promise((done, failed) => {
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      done(response.statusCode ?? 0);
    });
    socket.once('open', () => {
      done(undefined);
    });
    socket.on('error', failed);
  });
}

/**
 * Waits for the first bytes of RFB and leaves them in the stream.
 *
 * @returns 'greeted', or how the proxy hung up; `ending` is undefined when it stayed silent
 */
async function greeting(
  socket: WebSocket,
  stream: Duplex,
): Promise<'greeted' | { ending: string | undefined }> {
  let ending: string | undefined;
  socket.once('close', (code, reason) => {
    ending ??= `${code} ${reason.toString()}`.trim();
  });
  let silent = false;
  const silence = setTimeout(() => {
    silent = true;
    socket.terminate();
  }, greetingMs);
  try {
    if (stream.readableLength === 0) await firstOf(stream, ['readable', 'close', 'error']);
    const bytes = stream.read() as Buffer | null;
    if (bytes === null) return { ending: silent ? undefined : (ending ?? '') };
    stream.unshift(bytes);
    return 'greeted';
  } finally {
    clearTimeout(silence);
  }
}

/** Waits for the first of some events; an error is no failure here, for `close` follows it. */
function firstOf(stream: Duplex, events: string[]): Promise<void> {
  return new Promise((done) => {
    const settle = () => {
      for (const event of events) stream.off(event, settle);
      done();
    };
    for (const event of events) stream.on(event, settle);
  });
}

function keepAlive(socket: WebSocket): void {
  const ping = setInterval(() => {
    socket.ping();
  }, pingEveryMs);
  ping.unref();
  socket.once('close', () => {
    clearInterval(ping);
  });
}

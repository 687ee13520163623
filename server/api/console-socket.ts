import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { House } from '../house';
import { asProblem, problemStatus } from '../problem';
import type { ConsoleEnd } from '../workbench/console';
import { bridge } from './console-bridge';
import { headersOf, stampPeer } from './request-headers';
import { checkOrigin } from './http-security';

const route = /^\/api\/v1\/vms\/([^/?]+)\/console\?ticket=([\w-]{1,128})$/;

/** Close codes of the application range (RFC 6455, 7.4.2) that tell the page why the picture ended. */
const closeCodes = { vm_stopped: 4001, access_lost: 4003 } as const satisfies Record<ConsoleEnd, number>;

/**
 * The console's upgrade handler. Everything is checked before the handshake is answered: Origin, identity, ticket,
 * right and state; a refusal is a plain HTTP answer.
 *
 * @param house all rooms
 * @returns a function that says whether the request was the console's, and then has taken the socket
 */
export function consoleUpgrade(house: House) {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false, // RFB encodings are compressed already; deflating them costs 20 to 50 times the CPU.
    maxPayload: 1024 * 1024,
    handleProtocols: (offered) => (offered.has('binary') ? 'binary' : false),
  });

  return (request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
    const match = route.exec(request.url ?? '');
    if (!match) return false;
    const [, encoded = '', ticket = ''] = match;
    const vmId = decoded(encoded);
    if (vmId === undefined) return false;
    socket.on('error', () => socket.destroy());
    connect(request, socket, head, vmId, ticket).catch((error: unknown) => {
      const problem = asProblem(error);
      house.log.info({ vmId, key: problem.key, err: problem.cause }, 'console refused');
      refuse(socket, problemStatus[problem.code]);
    });
    return true;
  };

  async function connect(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    vmId: string,
    ticket: string,
  ) {
    stampPeer(request);
    const headers = headersOf(request);
    const actor = await house.access.actorOf(headers);
    checkOrigin(headers, house.config);
    const opened = await house.consoles.open(actor, vmId, ticket);
    if (socket.destroyed) {
      opened.stream.destroy();
      return;
    }
    server.handleUpgrade(request, socket, head, (viewer) => {
      const stopWatching = opened.onEnd((end) => {
        viewer.close(closeCodes[end], end);
      });
      viewer.on('close', stopWatching);
      bridge(viewer, opened.stream);
    });
  }
}

/** Undefined for what nobody encoded: an error thrown out of an upgrade's listener ends the whole process. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function refuse(socket: Duplex, status: number): void {
  if (!socket.destroyed)
    socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** A viewer of a VM's screen that speaks to the console's WebSocket itself. */
import { WebSocket } from 'ws';
import type { RunningServer } from './edgeyard';
import type { Person } from './people';

export interface Ticket {
  path: string;
  ticket: string;
  expiresAt: number;
}

export interface Viewer {
  socket: WebSocket;
  /** What the VM sent so far. */
  received: () => Buffer;
  /** Resolves with the close code and reason. */
  closed: Promise<string>;
}

/** Asks for a ticket to a VM's screen. */
export function ticketFor(person: Person, vmId: string): Promise<Ticket> {
  return person.rest.expect<Ticket>(201, 'POST', `/api/v1/vms/${vmId}/console`);
}

/**
 * Uses a ticket.
 *
 * @param headers who comes, and from where
 * @returns the viewer, or the status of the refusal
 */
export function view(
  server: RunningServer,
  { path }: Pick<Ticket, 'path'>,
  headers: Record<string, string>,
): Promise<Viewer | number> {
  const url = new URL(path, server.url.replace('http', 'ws'));
  const socket = new WebSocket(url, ['binary'], { headers });
  let received = Buffer.alloc(0);
  socket.on('message', (data: Buffer) => {
    received = Buffer.concat([received, data]);
  });
  const closed = new Promise<string>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve(`${code} ${reason.toString()}`);
    });
  });
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      resolve({ socket, received: () => received, closed });
    });
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', reject);
  });
}

/** As `view`, with the person's token; throws when it is refused. */
export async function watchScreen(server: RunningServer, person: Person, vmId: string): Promise<Viewer> {
  const viewer = await view(server, await ticketFor(person, vmId), bearer(person));
  if (typeof viewer === 'number') throw new Error(`the console was refused: ${viewer}`);
  return viewer;
}

/** Header of a person's token. */
export function bearer(person: Person): Record<string, string> {
  return { authorization: `Bearer ${person.token}` };
}

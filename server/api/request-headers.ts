import type { IncomingMessage } from 'node:http';

/** Header that carries the peer's address to the rate limits; a value sent by the client is replaced. */
export const peerHeader = 'x-edgeyard-peer';

/**
 * Stamps the peer's address into a request's raw headers, from which every later layer makes its own; a value that
 * the client sent is dropped.
 */
export function stampPeer(request: IncomingMessage): void {
  const kept: string[] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i] ?? '';
    if (name.toLowerCase() !== peerHeader) kept.push(name, request.rawHeaders[i + 1] ?? '');
  }
  const peer = request.socket.remoteAddress ?? '';
  kept.push(peerHeader, peer);
  request.rawHeaders.splice(0, request.rawHeaders.length, ...kept);
  // Node has parsed the headers by now; the API's adapter looks single ones up there.
  request.headers[peerHeader] = peer;
}

/** Node's request headers as the Fetch API's. */
export function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    headers.append(request.rawHeaders[i] ?? '', request.rawHeaders[i + 1] ?? '');
  }
  return headers;
}

/** The path of a request without its query string. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

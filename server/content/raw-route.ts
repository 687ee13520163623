import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Actor } from '../access/actor';

/**
 * A route that streams bodies of any size on Node's own sockets, before any framework sees the request: resumable
 * uploads and downloads with Range. The caller has already found the actor and checked Origin and CSRF.
 */
export interface RawRoute {
  /** Whether this route answers the request. `path` is without the query string. */
  matches(method: string, path: string): boolean;
  /** Answers it. A thrown Problem becomes an RFC 9457 document when nothing has been sent yet. */
  handle(request: IncomingMessage, response: ServerResponse, actor: Actor): Promise<void>;
}
